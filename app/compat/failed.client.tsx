'use client';
import Link from 'next/link';
import type { JudgedContainer } from '../../lib/model/index.ts';
import { Age } from '../components/age.client.tsx';
import { Panel } from '../components/page-parts.tsx';
import { SimpleTable } from '../components/simple-table.tsx';
import { plural } from '../format/index.ts';
import { VerdictMark } from './verdict-mark.tsx';
import { compatHref } from './words.ts';

const columns = [
  { header: 'Container', card: 'title' },
  { header: 'Ended', card: 'labelled' },
  { header: 'What the runtime says', card: 'labelled' },
  { header: 'Can it use CUDA there?', card: 'labelled' },
] as const;

function Name({ container }: { container: JudgedContainer }) {
  const { id, name, image, hostId, hostname } = container;
  return (
    <span className="block min-w-0 sm:min-w-60">
      <span className="break-all font-medium">{name ?? id.slice(0, 12)}</span>{' '}
      <span className="text-muted">on </span>
      <Link href={`/hosts/${encodeURIComponent(hostId)}`} prefetch={false} className="text-accent underline">
        {hostname}
      </Link>
      <span className="block break-all font-mono text-[13px] text-muted">{image}</span>
    </span>
  );
}

function howItEnded({ exit }: JudgedContainer): string {
  if (exit === null) return '';
  const code = exit.exitCode === null ? '' : `exit code ${exit.exitCode}`;
  if (exit.isOutOfMemory === true) return `out of memory, ${code}`;
  if (exit.didStart === false) return `did not start, ${code}`;
  return exit.ranSeconds === null ? code : `${code} after ${Math.round(exit.ranSeconds)} s`;
}

/** Of a runtime's long chain of errors the end, which says why. */
function tellingPart(error: string): string {
  const known =
    /nvidia-container-cli: .*|failed to (?:inject|resolve) CDI.*|unresolvable CDI devices.*|exec: .*/s.exec(
      error,
    )?.[0];
  return known ?? (error.length > 240 ? `…${error.slice(-200)}` : error);
}

function Reason({ container }: { container: JudgedContainer }) {
  const { exit } = container;
  if (exit?.error != null) {
    const said = tellingPart(exit.error);
    const all = <code className="break-words font-mono text-[13px]">{exit.error}</code>;
    if (said === exit.error) return all;
    return (
      <details>
        <summary className="cursor-pointer break-words font-mono text-[13px]">{said}</summary>
        <div className="pt-1 text-muted">{all}</div>
      </details>
    );
  }
  return <span className="text-muted">{exit?.reasonProblem ?? 'nothing'}</span>;
}

function Judged({ container }: { container: JudgedContainer }) {
  const { compat, image, group } = container;
  return (
    <span className="block min-w-0">
      <VerdictMark verdict={compat.verdict} className="font-medium" />
      <span className="block break-words text-muted">{compat.missing[0] ?? compat.text}</span>
      {image === null ? null : (
        <Link href={compatHref({ image, cell: group })} prefetch={false} className="text-accent underline">
          Reasons, fixes, and where it would run now
        </Link>
      )}
    </span>
  );
}

const mostShown = 4;

interface FailedProps {
  readonly containers: readonly JudgedContainer[];
  readonly serverTime: string;
}

/** Containers that failed to start or ended badly within a minute, with what was said and whether CUDA is why. */
export function FailedContainers({ containers, serverTime }: FailedProps) {
  if (containers.length === 0) return null;
  return (
    <Panel
      title="Failed in the last day"
      aside={`${plural(containers.length, 'container')} that did not start, or ended badly within a minute`}
      className="mb-4"
    >
      <FailedTable containers={containers.slice(0, mostShown)} serverTime={serverTime} />
      {containers.length > mostShown ? (
        <details className="border-t border-line">
          <summary className="cursor-pointer px-4 py-2 text-muted">
            and {containers.length - mostShown} more
          </summary>
          <FailedTable containers={containers.slice(mostShown)} serverTime={serverTime} />
        </details>
      ) : null}
    </Panel>
  );
}

function FailedTable({ containers, serverTime }: FailedProps) {
  return (
    <SimpleTable
      caption="Containers that failed in the last day"
      columns={columns}
      rows={containers.map((container) => ({
        key: `${container.hostId} ${container.id}`,
        cells: [
          <Name key="name" container={container} />,
          <span key="when" className="block">
            {container.exit === null ? null : <Age at={container.exit.at} serverTime={serverTime} />}
            <span className="block text-muted">{howItEnded(container)}</span>
          </span>,
          <Reason key="reason" container={container} />,
          <Judged key="verdict" container={container} />,
        ],
      }))}
    />
  );
}
