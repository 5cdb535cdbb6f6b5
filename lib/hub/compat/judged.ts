import { type HostSummary, type JudgedContainer, type Report, verdictKinds } from '../../model/index.ts';
import type { CheckedHost } from './check.ts';
import type { AnyContainer } from './facts.ts';
import type { Judge } from './judge.ts';

function judged(judge: Judge, host: HostSummary, report: Report, container: AnyContainer): JudgedContainer {
  return {
    id: container.id,
    name: container.name,
    image: container.image,
    hostId: host.id,
    hostname: host.hostname,
    group: host.group,
    exit: 'exit' in container ? container.exit : null,
    compat: judge.inShort(report, container),
  };
}

/** Containers of one host with their verdicts, those that failed too; one that runs again is told as running. */
export function judgedOf(judge: Judge, { host, report }: CheckedHost): readonly JudgedContainer[] {
  const running = new Set(report.containers.map(({ id }) => id));
  const failed = (report.failedContainers ?? []).filter(({ id }) => !running.has(id));
  return [...report.containers, ...failed].map((each) => judged(judge, host, report, each));
}

const badness = ({ compat, exit }: JudgedContainer): number => {
  const kind = verdictKinds.indexOf(compat.verdict);
  const isBad = kind >= 2 && compat.verdict !== 'unknown' && !compat.isContradicted;
  return Number(isBad) * 4 + Number(exit !== null) * 2 + Number(compat.verdict === 'runs-with-limits');
};

export const worstVerdictFirst = (a: JudgedContainer, b: JudgedContainer): number =>
  badness(b) - badness(a) ||
  (a.hostname < b.hostname ? -1 : a.hostname > b.hostname ? 1 : (a.name ?? a.id) < (b.name ?? b.id) ? -1 : 1);

/** Whether it cannot use CUDA, as far as anyone can tell from outside: what runs with a GPU all the same is left out. */
export const cannotUseCuda = ({ compat }: JudgedContainer): boolean =>
  !compat.isContradicted &&
  (compat.verdict === 'refused-at-start' ||
    compat.verdict === 'fails-at-init' ||
    compat.verdict === 'gpu-not-supported');
