import { countPci, type Failure, type HostState, type Report } from '../model/index.ts';
import { durationWords, type LiveHost } from './live-host.ts';
import { pauseWords } from './pause-words.ts';

export const goneAfterIntervals = 3;
const lateAfterIntervals = 1.5;
/** An enrolled host that has not reported by then counts as gone. */
const firstReportSeconds = 60;

export interface StateNow {
  readonly state: HostState;
  readonly reason: string;
  readonly current: boolean;
}

/** Numbers are shown as now only in these states. */
const showsNumbers: ReadonlySet<HostState> = new Set(['ok', 'gpu-lost', 'starting', 'no-gpus']);

/** What nvidia-smi printed, where that says more than `[GPU is lost]`. */
function inItsWords(failure: Failure | null): string {
  const message = failure?.message.split('\n', 1)[0] ?? '';
  return message === '' || /^\[?GPU is lost\b/i.test(message) ? '' : `: ${message}`;
}

const utcWords = (millis: number): string =>
  `${new Date(millis).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

function lostWords(report: Report): { readonly words: string; readonly failure: Failure | null } | null {
  const lost = report.gpus.filter((gpu) => gpu.state !== 'ok');
  const first = lost[0];
  if (first === undefined) return null;
  const name = `GPU ${first.index ?? first.pciBusId ?? first.uuid ?? '?'}`;
  const what = first.state === 'lost' ? 'is lost' : 'gives no values';
  const more = lost.length > 1 ? `, and ${lost.length - 1} more` : '';
  return { words: `${name} ${what}${more}`, failure: first.failure };
}

function lostGpus(report: Report): StateNow | null {
  const lost = lostWords(report);
  if (lost === null) return null;
  return { state: 'gpu-lost', reason: `${lost.words}${inItsWords(lost.failure)}`, current: true };
}

/** Said beside what nvidia-smi says of itself: how many GPUs are plugged in all the same, and which is lost. */
function withBus(report: Report, reason: string): string {
  const { own } = countPci(report.pciGpus ?? [], [], false);
  const bus = own === 0 ? [] : [`${own} NVIDIA GPU${own === 1 ? ' is' : 's are'} on the PCI bus`];
  const lost = lostWords(report);
  return [reason, ...bus, ...(lost === null ? [] : [lost.words])].join('; ');
}

function reported(report: Report): StateNow {
  const message = report.failure?.message.split('\n', 1)[0];
  switch (report.condition) {
    case 'ok':
      return lostGpus(report) ?? { state: 'ok', reason: 'reporting', current: true };
    case 'starting':
      return { state: 'starting', reason: 'the agent takes its first readings', current: true };
    case 'no-nvidia-smi':
      return {
        state: 'no-gpus',
        reason: withBus(report, message ?? 'nvidia-smi was not found'),
        current: true,
      };
    case 'no-devices':
      return {
        state: 'no-gpus',
        reason: withBus(report, message ?? 'nvidia-smi finds no GPU'),
        current: true,
      };
    case 'driver-failed':
      return {
        state: 'driver-failed',
        reason: withBus(report, message ?? 'nvidia-smi fails'),
        current: false,
      };
    case 'driver-hung':
      return {
        state: 'driver-hung',
        reason: withBus(report, message ?? 'nvidia-smi does not answer'),
        current: false,
      };
    case 'paused':
      return {
        state: 'paused',
        reason: report.pause == null ? (message ?? 'the agent let go of the GPUs') : pauseWords(report.pause),
        current: false,
      };
  }
}

const neverReported = (host: LiveHost, nowMillis: number): StateNow =>
  nowMillis - host.enrolledAtMillis < firstReportSeconds * 1000
    ? { state: 'starting', reason: 'enrolled, no report yet', current: false }
    : { state: 'gone', reason: 'enrolled and never reported', current: false };

/**
 * State by the hub's clock. `graceFromMillis`: since when the hub has been listening without a break; silence before
 * it is the hub's own, so a host becomes gone only when three of its intervals have run since.
 */
export function stateOf(host: LiveHost, nowMillis: number, graceFromMillis: number): StateNow {
  const { report, takenAtMillis } = host;
  if (report === null || takenAtMillis === null) return neverReported(host, nowMillis);
  const ageSeconds = Math.max(0, (nowMillis - takenAtMillis) / 1000);
  const heardSeconds = (nowMillis - graceFromMillis) / 1000;
  const limitSeconds = goneAfterIntervals * report.intervalSeconds;
  const silent = `no report for ${durationWords(ageSeconds)}`;
  if (host.gone || (ageSeconds >= limitSeconds && heardSeconds >= limitSeconds))
    return {
      state: 'gone',
      reason: `stopped reporting; its last report came ${utcWords(takenAtMillis)}`,
      current: false,
    };
  if (host.restored)
    return { state: 'late', reason: 'known from before the hub started; no report since', current: false };
  const now = reported(report);
  if (ageSeconds < lateAfterIntervals * report.intervalSeconds) return now;
  return now.state === 'ok'
    ? { state: 'late', reason: silent, current: ageSeconds < limitSeconds }
    : { ...now, current: now.current && showsNumbers.has(now.state) && ageSeconds < limitSeconds };
}
