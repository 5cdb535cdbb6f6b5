'use client';
import Link from 'next/link';
import type { ReactNode } from 'react';
import type {
  CompatCheckAnswer,
  CompatGroup,
  CompatHostView,
  CompatOutcome,
  JudgedContainer,
} from '../../lib/model/index.ts';
import { Empty } from '../components/page-parts.tsx';
import { Sheet } from '../components/sheet.client.tsx';
import { missing } from '../format/index.ts';
import { CompatLayers } from './compat-layers.tsx';
import { HostLinks, Outcomes } from './outcomes.tsx';
import { useAnswer } from './use-answer.client.ts';
import { VerdictMark } from './verdict-mark.tsx';

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="border-t border-line px-4 py-3">
      <h3 className="mb-1.5 font-medium">{title}</h3>
      {children}
    </section>
  );
}

function Picture({ group, answer }: { group: CompatGroup | undefined; answer: CompatCheckAnswer }) {
  const worst = answer.outcomes.at(-1)?.verdict;
  const step =
    worst?.reasons.findLast(({ outcome }) => outcome === 'stops') ??
    worst?.reasons.findLast(({ outcome }) => outcome === 'limits');
  const listed = (versions: CompatGroup['drivers'] | undefined): string =>
    versions === undefined || versions.length === 0
      ? missing
      : versions.map(({ version }) => version).join(', ');
  return (
    <CompatLayers
      verdict={worst?.verdict ?? 'unknown'}
      layer={step?.layer ?? null}
      layers={{
        driver: (
          <>
            {listed(group?.drivers)}
            <span className="block text-xs text-muted">{group?.gpus.join(', ')}</span>
          </>
        ),
        toolkit: listed(group?.toolkits),
        container: answer.container.cuda === null ? 'not known' : answer.container.cuda.version,
      }}
    />
  );
}

const runsThere = ({ verdict }: CompatOutcome): boolean =>
  verdict.verdict === 'runs' || verdict.verdict === 'runs-with-limits';

/** Where it would run now: hosts of any group with free GPUs. */
function Elsewhere({ image }: { image: string }) {
  const answer = useAnswer<CompatCheckAnswer>('/api/v1/compat/check', JSON.stringify({ image }));
  const hosts: readonly CompatHostView[] =
    answer.value?.outcomes.filter(runsThere).flatMap((each) => each.hosts) ?? [];
  const free = hosts.filter(({ freeGpus }) => (freeGpus ?? 0) > 0);
  if (answer.refusal !== null) return <p className="text-warn">{answer.refusal.detail}</p>;
  if (answer.value === null) return <p className="text-muted">Asking…</p>;
  if (free.length > 0) return <HostLinks hosts={free} />;
  return (
    <p className="text-muted">
      {hosts.length === 0
        ? 'No host of the fleet is known to run it.'
        : 'No GPU of the hosts that can run it is known to be free now.'}
    </p>
  );
}

function Containers({ containers }: { containers: readonly JudgedContainer[] }) {
  return (
    <ul className="grid gap-2">
      {containers.map(({ id, name, hostId, hostname, exit, compat }) => (
        <li key={`${hostId} ${id}`}>
          <span className="flex flex-wrap items-baseline gap-x-2">
            <span className="break-all">{name ?? id.slice(0, 12)}</span>
            <span className="text-muted">
              on{' '}
              <Link
                href={`/hosts/${encodeURIComponent(hostId)}`}
                prefetch={false}
                className="text-accent underline"
              >
                {hostname}
              </Link>
            </span>
            <VerdictMark verdict={compat.verdict} />
            {compat.isContradicted ? (
              <span className="text-xs text-muted">yet it has processes on a GPU</span>
            ) : null}
          </span>
          {exit === null ? null : (
            <span className="block break-words text-xs text-muted">
              {exit.didStart === false ? 'did not start' : 'ended'}
              {exit.exitCode === null ? '' : `, exit code ${exit.exitCode}`}:{' '}
              {exit.error ?? exit.reasonProblem ?? 'no reason'}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

interface CellSheetProps {
  readonly image: string;
  readonly group: string;
  readonly about: CompatGroup | undefined;
  /** Of that image there. */
  readonly containers: readonly JudgedContainer[];
  readonly onClose: () => void;
}

/** Why an image can or cannot use CUDA on a group of hosts, and what would help. */
export function CompatSheet({ image, group, about, containers, onClose }: CellSheetProps) {
  const answer = useAnswer<CompatCheckAnswer>(
    '/api/v1/compat/check',
    JSON.stringify({ image, group: [group] }),
  );
  const { value, refusal } = answer;
  return (
    <Sheet
      title={<span className="break-all">{image}</span>}
      subtitle={`on hosts of ${group}`}
      onClose={onClose}
      testId="compat-sheet"
    >
      {refusal === null ? null : (
        <p role="alert" className="px-4 pb-2 text-warn">
          {refusal.detail}
        </p>
      )}
      {value === null ? (
        refusal === null ? (
          <Empty title="Reading…" />
        ) : null
      ) : (
        <>
          <div className="px-4 pb-3">
            <Picture group={about} answer={value} />
          </div>
          <Outcomes answer={value} areOpen />
          {value.outcomes.every(runsThere) ? null : (
            <Section title="It would run here now">
              <Elsewhere image={image} />
            </Section>
          )}
        </>
      )}
      {containers.length === 0 ? null : (
        <Section title="Containers of it there">
          <Containers containers={containers} />
        </Section>
      )}
    </Sheet>
  );
}
