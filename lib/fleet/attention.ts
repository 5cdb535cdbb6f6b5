import { type AttentionItem, countPci, type HostState, type ReportedGpu } from '../model/index.ts';
import { durationWords, isoOf, type LiveHost } from './live-host.ts';
import { tolerableOffsetSeconds } from './report-time.ts';
import { gpuKey } from './views.ts';

type Severity = AttentionItem['severity'];

const stateSeverity: Readonly<Record<HostState, Severity | null>> = {
  ok: null,
  starting: null,
  late: null,
  'gpu-lost': null,
  paused: 'warning',
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

function ofGpu(host: LiveHost, gpu: ReportedGpu): AttentionItem[] {
  const href = `/gpus/${encodeURIComponent(gpuKey(host.id, gpu))}`;
  const name = `${host.hostname} GPU ${gpu.index ?? gpu.pciBusId ?? '?'}`;
  const item = (severity: Severity, text: string, since: string | null): AttentionItem => ({
    severity,
    hostId: host.id,
    text: `${name}: ${text}`,
    since,
    href,
  });
  if (gpu.state === 'lost') return [item('critical', 'lost', isoOf(host.stateSinceMillis))];
  if (gpu.state === 'failed') return [item('critical', 'gives no values', isoOf(host.stateSinceMillis))];
  if (gpu.recoveryAction !== null && gpu.recoveryAction !== 'None')
    return [item('warning', `the driver asks for "${gpu.recoveryAction}"`, null)];
  if (gpu.remappedRows.failure === true) return [item('warning', 'row remapping failed', null)];
  const slowed = host.current
    ? gpu.throttleReasons?.find((reason) => slowedBy[reason] !== undefined)
    : undefined;
  return slowed === undefined ? [] : [item('warning', slowedWords(gpu, slowed), null)];
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
    items.push(...(host.report?.gpus.flatMap((gpu) => ofGpu(host, gpu)) ?? []), ...ofAgent(host));
  }
  return items.sort(worstFirst);
}
