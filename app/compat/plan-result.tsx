import Link from 'next/link';
import type {
  BranchSupport,
  CompatPlanView,
  KnownVulnerability,
  PlannedContainerView,
} from '../../lib/model/index.ts';
import { plural } from '../format/index.ts';
import { VerdictMark } from './verdict-mark.tsx';

function supportWords({ branch, kind, supportedUntil, isOver }: BranchSupport): string {
  const what = `R${branch}${kind === null ? '' : ` (${kind})`}`;
  if (supportedUntil === null) return `${what}: when its support ends is not known.`;
  return isOver === true
    ? `${what}: its support ended in ${supportedUntil}.`
    : `${what}: supported until ${supportedUntil}.`;
}

interface MovedProps {
  readonly title: string;
  readonly containers: readonly PlannedContainerView[];
  readonly testId: string;
}

/** Containers with their verdicts before and after. */
function Moved({ title, containers, testId }: MovedProps) {
  if (containers.length === 0) return null;
  return (
    <section data-testid={testId}>
      <h3 className="font-medium">
        {title} <span className="font-normal text-muted">{plural(containers.length, 'container')}</span>
      </h3>
      <ul className="grid gap-1">
        {containers.map(({ id, name, image, hostId, hostname, before, after }) => (
          <li key={`${hostId} ${id}`} className="flex flex-wrap items-baseline gap-x-2">
            <span className="break-all">{name ?? image ?? id.slice(0, 12)}</span>
            <Link
              href={`/hosts/${encodeURIComponent(hostId)}`}
              prefetch={false}
              className="text-accent underline"
            >
              {hostname}
            </Link>
            <VerdictMark verdict={before.verdict} />
            <span aria-hidden>→</span>
            <span className="sr-only">then</span>
            <VerdictMark verdict={after.verdict} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Vulnerabilities({ title, all }: { title: string; all: readonly KnownVulnerability[] }) {
  if (all.length === 0) return null;
  const worst = [...all].sort((a, b) => b.cvss - a.cvss);
  return (
    <details>
      <summary className="cursor-pointer">
        {title}: {all.length}, the worst {worst[0]?.cve} ({worst[0]?.cvss})
      </summary>
      <ul className="ml-4 list-disc">
        {worst.map(({ cve, cvss, bulletin, of, fixedIn, condition }) => (
          <li key={cve} className="break-words">
            {cve} ({cvss}) of the {of}, bulletin {bulletin},{' '}
            {fixedIn === null ? 'its branch gets no more fixes' : `closed by ${fixedIn}`}
            {condition === null || condition === '' ? '' : `; ${condition}`}
          </li>
        ))}
      </ul>
    </details>
  );
}

function Oldest({ oldest }: { oldest: CompatPlanView['oldest'] }) {
  const { driver, support, blockers, unknown } = oldest;
  return (
    <section data-testid="oldest">
      <h3 className="font-medium">The oldest supported driver on which everything here runs</h3>
      <p>
        {driver === null ? (
          `There is none: ${plural(blockers.length, 'container')} would not run on the best of them.`
        ) : (
          <>
            <span className="font-mono text-[13px]">{driver}</span>
            {support === null ? '' : ` · ${supportWords(support)}`}
          </>
        )}
        {unknown === 0 ? '' : ` ${plural(unknown, 'container')} left out, since too little is known of them.`}
      </p>
      <Moved title="What stands in the way" containers={blockers} testId="blockers" />
    </section>
  );
}

const nothingChanges = ({ starts, stops, differs }: CompatPlanView): boolean =>
  starts.length + stops.length + differs.length === 0;

/** What a plan does to a group: before and after. */
export function PlanResult({ plan }: { plan: CompatPlanView }) {
  const isAsked = plan.change.driver !== null || plan.change.toolkit !== null;
  return (
    <div className="grid gap-3 border-t border-line px-4 py-3" data-testid="plan">
      {isAsked ? (
        <>
          <p className="font-medium">
            On {plural(plan.hosts, 'host')} with {plural(plan.containers, 'container')}: {plan.starts.length}{' '}
            would start to run, {plan.stops.length} would stop.
            {plan.unknown === 0 ? '' : ` Of ${plan.unknown} it is not known.`}
          </p>
          {nothingChanges(plan) && plan.containers > 0 ? (
            <p className="text-muted">No verdict changes.</p>
          ) : null}
          <Moved title="Would stop to run" containers={plan.stops} testId="stops" />
          <Moved title="Would start to run" containers={plan.starts} testId="starts" />
          <Moved title="Would run otherwise" containers={plan.differs} testId="differs" />
          {plan.support === null ? null : <p>{supportWords(plan.support)}</p>}
          {plan.notes.length === 0 ? null : (
            <ul className="ml-4 list-disc">
              {plan.notes.map(({ kind, text, hostnames }) => (
                <li key={`${kind} ${text}`} className="break-words">
                  {text} <span className="text-muted">{hostnames.slice(0, 6).join(', ')}</span>
                </li>
              ))}
            </ul>
          )}
          <Vulnerabilities title="Known vulnerabilities that it closes" all={plan.closed} />
          <Vulnerabilities title="Known vulnerabilities that stay" all={plan.left} />
        </>
      ) : null}
      <Oldest oldest={plan.oldest} />
    </div>
  );
}
