import {
  type AttentionItem,
  countPci,
  type Fault,
  type HostState,
  isFreshFault,
  type ReportedGpu,
} from '../model/index.ts';
import { durationWords, isoOf, type LiveHost } from './live-host.ts';
import { tolerableOffsetSeconds } from './report-time.ts';
import { faultsOf, gpuKey } from './views.ts';

type Severity = AttentionItem['severity'];

const stateSeverity: Readonly<Record<HostState, Severity | null>> = {
  ok: null,
  starting: null,
  late: null,
  'gpu-lost': null,
  // Meant so, and over by itself: see ofPause.
  paused: null,
  'no-gpus': 'warning',
  'driver-failed': 'critical',
  'driver-hung': 'critical',
  gone: 'critical',
};

const hostHref = (host: LiveHost): string => `/hosts/${encodeURIComponent(host.id)}`;

function ofHostState(host: LiveHost): AttentionItem[] {
  const severity = stateSeverity[host.state];
  if (severity === null) return [];
  const silentSince = host.state === 'gone' ? (host.receivedAtMillis ?? host.enrolledAtMillis) : null;
  const text = host.state === 'gone' ? 'stopped reporting' : host.stateReason;
  return [
    {
      severity,
      hostId: host.id,
      text: `${host.hostname}: ${text}`,
      since: isoOf(silentSince ?? host.stateSinceMillis),
      href: hostHref(host),
    },
  ];
}

/** The card itself slows down, against the driver's will: something is wrong with its cooling or power. */
const slowedBy: Readonly<Record<string, string>> = {
  hw_thermal_slowdown: 'heat',
  hw_power_brake_slowdown: 'its power supply',
};

function slowedWords({ temperature }: ReportedGpu, reason: string): string {
  const { gpuCelsius } = temperature;
  const at = reason === 'hw_thermal_slowdown' && gpuCelsius !== null ? ` (${gpuCelsius} °C)` : '';
  return `slowed down by ${slowedBy[reason]}${at}`;
}

/** A GPU whose errors come by the dozen is one line or two, not all of them. */
const mostOfOneGpu = 2;

/** Critical ones that are or were there lately; what nvidia-smi tells of a lost GPU is told elsewhere. */
function criticalFaults(host: LiveHost): readonly Fault[] {
  return faultsOf(host).filter(
    (fault) =>
      fault.severity === 'critical' &&
      !(fault.count === null && (fault.kind === 'gpu-lost' || fault.kind === 'gpu-failed')) &&
      isFreshFault(fault, host.takenAtMillis ?? 0),
  );
}

/** A pause that waits for a person: a GPU to be reset, or a process that does not let go. */
function ofPause(host: LiveHost): AttentionItem[] {
  const pause = host.state === 'paused' ? host.report?.pause : null;
  if (pause == null || (pause.kind !== 'mig-pending' && pause.stuckPids.length === 0)) return [];
  const text = `${host.hostname}: ${host.stateReason}`;
  const since = isoOf(host.stateSinceMillis);
  return [{ severity: 'warning', hostId: host.id, text, since, href: hostHref(host) }];
}

function ofGpu(host: LiveHost, gpu: ReportedGpu, faults: readonly Fault[]): AttentionItem[] {
  const href = `/gpus/${encodeURIComponent(gpuKey(host.id, gpu))}`;
  const name = `${host.hostname} GPU ${gpu.index ?? gpu.pciBusId ?? '?'}`;
  const item = (severity: Severity, text: string, since: string | null): AttentionItem => ({
    severity,
    hostId: host.id,
    text: `${name}: ${text}`,
    since,
    href,
  });
  const [worst] = faults;
  const why = worst === undefined ? '' : ` (${worst.title})`;
  if (gpu.state === 'lost') return [item('critical', `lost${why}`, isoOf(host.stateSinceMillis))];
  if (gpu.state === 'failed')
    return [item('critical', `gives no values${why}`, isoOf(host.stateSinceMillis))];
  if (faults.length > 0)
    return faults
      .slice(0, mostOfOneGpu)
      .map(({ title, since, lastAt }) => item('critical', title, lastAt ?? since));
  if (gpu.recoveryAction !== null && !/^none$/i.test(gpu.recoveryAction))
    return [item('warning', `the driver asks for "${gpu.recoveryAction}"`, null)];
  const slowed = host.current
    ? gpu.throttleReasons?.find((reason) => slowedBy[reason] !== undefined)
    : undefined;
  return slowed === undefined ? [] : [item('warning', slowedWords(gpu, slowed), null)];
}

/** What the kernel tells of a GPU that is in no list of nvidia-smi's, or of a switch. */
function ofNoGpu(host: LiveHost, faults: readonly Fault[]): AttentionItem[] {
  return faults
    .filter(({ gpuUuid }) => gpuUuid === null)
    .slice(0, mostOfOneGpu)
    .map(({ title, pciBusId, since, lastAt }) => ({
      severity: 'critical',
      hostId: host.id,
      text: `${host.hostname} ${pciBusId ?? ''}: ${title}`,
      since: lastAt ?? since,
      href: `${hostHref(host)}?tab=faults`,
    }));
}

function ofAgent(host: LiveHost): AttentionItem[] {
  const items: AttentionItem[] = [];
  const warn = (text: string) =>
    items.push({
      severity: 'warning',
      hostId: host.id,
      text: `${host.hostname}: ${text}`,
      since: null,
      href: hostHref(host),
    });
  const offset = host.clock?.seconds ?? null;
  if (offset !== null && Math.abs(offset) > tolerableOffsetSeconds)
    warn(`clock is ${durationWords(Math.abs(offset))} ${offset > 0 ? 'ahead' : 'behind'}`);
  const { unbound } = countPci(host.report?.pciGpus ?? [], host.report?.gpus ?? [], true);
  const [first] = unbound;
  // Where nvidia-smi works, so that the driver as a whole is not what is missing.
  if (first !== undefined && (host.state === 'ok' || host.state === 'gpu-lost'))
    warn(
      unbound.length === 1
        ? `the GPU at ${first.busId} has ${first.driver === null ? 'no driver' : `the driver ${first.driver}`}, so nvidia-smi does not see it`
        : `${unbound.length} GPUs on the PCI bus are not with the NVIDIA driver, the first at ${first.busId}`,
    );
  const dropped = host.agent?.droppedReports ?? 0;
  if (dropped > 0) warn(`the agent's spool was full and dropped ${dropped} reports`);
  return items;
}

const rank = (item: AttentionItem) => `${item.severity} ${item.since ?? '9'} ${item.text}`;

/** Critical before warning, then longest first. */
export const worstFirst = (a: AttentionItem, b: AttentionItem): number => (rank(a) < rank(b) ? -1 : 1);

/** What needs a person: critical before warning, then longest first. */
export function attentionOf(hosts: Iterable<LiveHost>, goneToldOf: ReadonlySet<string>): AttentionItem[] {
  const items: AttentionItem[] = [];
  for (const host of hosts) {
    // Who works on a host knows what is wrong with it.
    if (host.maintenance !== null) continue;
    if (host.state !== 'gone' || !goneToldOf.has(host.id)) items.push(...ofHostState(host));
    if (host.state === 'gone' || host.restored) continue;
    const faults = criticalFaults(host);
    const ofOne = (gpu: ReportedGpu) => faults.filter(({ gpuUuid }) => gpuUuid === gpuKey(host.id, gpu));
    items.push(...(host.report?.gpus.flatMap((gpu) => ofGpu(host, gpu, ofOne(gpu))) ?? []));
    items.push(...ofNoGpu(host, faults), ...ofAgent(host));
    items.push(...ofPause(host));
  }
  return items.sort(worstFirst);
}
