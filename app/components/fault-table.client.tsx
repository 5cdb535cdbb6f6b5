'use client';
import clsx from 'clsx';
import { CircleX, ExternalLink, Info, type LucideIcon, TriangleAlert } from 'lucide-react';
import Link from 'next/link';
import type { Fault, FaultSeverity } from '../../lib/model/index.ts';
import { formatCount } from '../format/index.ts';
import { Age } from './age.client.tsx';
import { SimpleTable } from './simple-table.tsx';

const looks: Readonly<Record<FaultSeverity, { icon: LucideIcon; tone: string }>> = {
  critical: { icon: CircleX, tone: 'text-crit font-medium' },
  warning: { icon: TriangleAlert, tone: 'text-warn font-medium' },
  info: { icon: Info, tone: 'text-muted' },
};

function Severity({ severity }: { severity: FaultSeverity }) {
  const { icon: Icon, tone } = looks[severity];
  return (
    <span className={clsx('inline-flex items-baseline gap-1 whitespace-nowrap', tone)}>
      <Icon className="size-3.5 shrink-0 translate-y-[0.15rem]" aria-hidden />
      {severity}
    </span>
  );
}

/** The same thing of several GPUs is one row: what a host's eight cards have in common is said once. */
function grouped(faults: readonly Fault[]): readonly (readonly [Fault, ...Fault[]])[] {
  const groups = new Map<string, [Fault, ...Fault[]]>();
  for (const fault of faults) {
    const isState = fault.count === null && fault.gpuUuid !== null;
    const own = isState ? `${fault.title}\n${fault.detail}` : `${fault.gpuUuid} ${fault.pciBusId}`;
    const key = `${fault.severity} ${fault.key} ${own}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [fault]);
    else group.push(fault);
  }
  return [...groups.values()];
}

function WhoseAll({ faults }: { faults: readonly [Fault, ...Fault[]] }) {
  if (faults.length === 1) return <Whose fault={faults[0]} />;
  return (
    <span>
      {faults.map(({ gpuUuid, gpuIndex }, position) => (
        <span key={gpuUuid}>
          {position === 0 ? 'GPU ' : ', '}
          <Link
            href={`/gpus/${encodeURIComponent(gpuUuid ?? '')}`}
            prefetch={false}
            className="text-accent underline-offset-2 hover:underline"
          >
            {gpuIndex ?? '?'}
          </Link>
        </span>
      ))}
    </span>
  );
}

/** The earliest that is told. */
const sinceOf = (faults: readonly Fault[]): string | null =>
  faults.flatMap(({ since }) => since ?? []).toSorted()[0] ?? null;

function Whose({ fault }: { fault: Fault }) {
  const { gpuUuid, gpuIndex, pciBusId } = fault;
  const address =
    pciBusId === null ? null : <code className="block font-mono text-xs text-muted">{pciBusId}</code>;
  if (gpuUuid === null) return address ?? 'the host';
  return (
    <>
      <Link
        href={`/gpus/${encodeURIComponent(gpuUuid)}`}
        prefetch={false}
        className="whitespace-nowrap text-accent hover:underline"
      >
        GPU {gpuIndex ?? '?'}
      </Link>
      {address}
    </>
  );
}

function What({ fault: { title, detail } }: { fault: Fault }) {
  return (
    <div className="min-w-0">
      <p className="font-medium">{title}</p>
      {detail === null ? null : <p className="break-words font-mono text-xs text-muted">{detail}</p>}
    </div>
  );
}

function Advice({ fault: { advice, source } }: { fault: Fault }) {
  return (
    <div className="min-w-0 max-w-prose">
      <p>{advice}</p>
      {source === null ? null : (
        <a
          href={source}
          target="_blank"
          rel="noreferrer"
          className="inline-flex items-baseline gap-1 text-xs text-accent hover:underline"
        >
          NVIDIA on this
          <ExternalLink className="size-3 translate-y-[0.1rem]" aria-hidden />
          <span className="sr-only">(opens in a new tab)</span>
        </a>
      )}
    </div>
  );
}

interface FaultTableProps {
  readonly faults: readonly Fault[];
  readonly serverTime: string;
  /** False where all are of one GPU. */
  readonly hasGpu: boolean;
}

const unknown = <span title="not told">—</span>;

/** What is wrong, how bad, since when and how often, and what to do: the worst first. */
export function FaultTable({ faults, serverTime, hasGpu }: FaultTableProps) {
  const columns = [
    { header: 'Severity', card: 'state' },
    ...(hasGpu ? [{ header: 'GPU', card: 'labelled' } as const] : []),
    { header: 'Fault', card: 'title' },
    { header: 'Count', align: 'right', card: 'labelled' },
    { header: 'Since', card: 'labelled' },
    { header: 'Last', card: 'labelled' },
    { header: 'What to do', card: 'labelled' },
  ] as const;
  return (
    <SimpleTable
      caption="Faults, the worst first"
      columns={columns}
      rows={grouped(faults).map((group) => {
        const [fault] = group;
        const since = sinceOf(group);
        return {
          key: `${fault.gpuUuid ?? ''} ${fault.pciBusId ?? ''} ${fault.key}`,
          cells: [
            <Severity key="severity" severity={fault.severity} />,
            ...(hasGpu ? [<WhoseAll key="gpu" faults={group} />] : []),
            <What key="what" fault={fault} />,
            fault.count === null ? unknown : formatCount(fault.count),
            since === null ? unknown : <Age key="since" at={since} serverTime={serverTime} />,
            fault.lastAt === null ? unknown : <Age key="last" at={fault.lastAt} serverTime={serverTime} />,
            <Advice key="advice" fault={fault} />,
          ],
        };
      })}
    />
  );
}
