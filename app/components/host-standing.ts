import {
  type Fault,
  type GpuSummary,
  type HostDetail,
  type HostState,
  type HostSummary,
  isFreshFault,
} from '../../lib/model/index.ts';

/** State of a host for a person: one that reports well may have a GPU that does not work well. */
export type HostStanding = HostState | 'gpu-fault' | 'gpu-warning';

/** The worst first. */
export const standings: readonly HostStanding[] = [
  'driver-hung',
  'driver-failed',
  'gpu-lost',
  'gpu-fault',
  'gone',
  'no-gpus',
  'late',
  'gpu-warning',
  'paused',
  'starting',
  'ok',
];

/** What is wrong with the GPUs of a host, the worst first. */
interface Trouble {
  readonly severity: 'critical' | 'warning';
  readonly title: string;
  readonly gpuIndex: number | null;
}

const bySeverity = (troubles: readonly Trouble[]): readonly Trouble[] =>
  troubles.toSorted((a, b) => (a.severity === b.severity ? 0 : a.severity === 'critical' ? -1 : 1));

const troublesOf = ({ gpus }: HostSummary): readonly Trouble[] =>
  bySeverity(
    gpus.flatMap(({ index, faults }) =>
      faults.map(({ severity, title }) => ({ severity, title, gpuIndex: index })),
    ),
  );

/** The same of a whole host, where what the kernel tells of no GPU of the list counts too. */
export function troublesOfDetail(host: HostDetail, nowMillis: number): readonly Trouble[] {
  return host.faults.flatMap((fault): readonly Trouble[] => {
    const { severity, title, gpuIndex, count } = fault;
    if (severity === 'info' || !isFreshFault(fault, nowMillis)) return [];
    return count === null && !host.current ? [] : [{ severity, title, gpuIndex }];
  });
}

const standing = (state: HostState, [worst]: readonly Trouble[]): HostStanding => {
  if (state !== 'ok' || worst === undefined) return state;
  return worst.severity === 'critical' ? 'gpu-fault' : 'gpu-warning';
};

/** Changes only with the host: lists of thousands ask for it again and again. */
const known = new WeakMap<HostSummary, HostStanding>();

export function standingOf(host: HostSummary): HostStanding {
  const before = known.get(host);
  if (before !== undefined) return before;
  const now = standing(host.state, host.state === 'ok' ? troublesOf(host) : []);
  known.set(host, now);
  return now;
}

export const standingOfDetail = (host: HostDetail, nowMillis: number): HostStanding =>
  standing(host.state, troublesOfDetail(host, nowMillis));

/** Of one GPU, with its reason. */
export function gpuStandingOfDetail(
  host: HostDetail,
  own: readonly Fault[],
  nowMillis: number,
): { readonly state: HostStanding; readonly reason: string } {
  const state = host.state === 'gpu-lost' ? 'ok' : host.state;
  const [worst] = own.filter((fault) => isFreshFault(fault, nowMillis));
  if (state !== 'ok' || worst === undefined) return { state, reason: host.stateReason };
  return { state: worst.severity === 'critical' ? 'gpu-fault' : 'gpu-warning', reason: worst.title };
}

const inWords = ({ gpuIndex, title }: Trouble): string =>
  gpuIndex === null ? title : `GPU ${gpuIndex}: ${title}`;

/** `GPU 2: Xid 95: Uncontained memory error, and 1 more`; null where nothing is. */
export function troubleWords([first, ...others]: readonly Trouble[]): string | null {
  if (first === undefined) return null;
  return others.length === 0 ? inWords(first) : `${inWords(first)}, and ${others.length} more`;
}

/** How one GPU stands: what befell another of its host is not its own. */
export function gpuStanding(host: HostSummary, { faults: [worst] }: GpuSummary): HostStanding {
  if (host.state !== 'ok' && host.state !== 'gpu-lost') return host.state;
  if (worst === undefined) return 'ok';
  return worst.severity === 'critical' ? 'gpu-fault' : 'gpu-warning';
}

/** Why a host stands as it does, in words; null for one that is well. */
export function standingWhy(host: HostSummary): string | null {
  return host.state === 'ok' ? troubleWords(troublesOf(host)) : host.stateReason;
}
