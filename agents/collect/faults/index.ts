import { gpuFindings } from '../../../lib/faults/gpu-findings.ts';
import {
  createXidTally,
  earlier,
  type KernelEvent,
  pciBusIdOf,
  type XidTally,
} from '../../../lib/host-facts/index.ts';
import type {
  KernelTrouble,
  Problem,
  ReportedFaults,
  ReportedGpu,
  XidCount,
} from '../../../lib/model/index.ts';
import { pushLimits } from '../../../lib/protocol/limits.ts';
import type { HostAccess } from '../../access/host-access.ts';
import { type Clock, isoNow } from '../clock.ts';
import { quote } from '../failures.ts';
import type { Source } from '../source.ts';
import { createKernelLog } from './log.ts';
import { readBootMillis, timeOf } from './read.ts';
import { createThrottleMeter } from './throttle.ts';

export interface FaultsOptions {
  readonly access: HostAccess;
  readonly clock: Clock;
  readonly source: Source;
  /** `auto`, the path of a log file, or null: the kernel's log is not read. */
  readonly kernelLog: string | null;
  readonly intervalSeconds: () => number;
  /** The kernel tells of an Xid just now: what nvidia-smi counts of faults is another than before. */
  readonly onXid?: () => void;
}

export interface Faults {
  /** Resolves when what is in the kernel's log since boot is read, or cannot be; at most 2 s. */
  start(): Promise<void>;
  /** Takes note of the GPUs as they are reported now, and tells what went wrong so far. */
  view(gpus: readonly ReportedGpu[]): ReportedFaults;
  readonly problems: readonly Problem[];
  stop(): Promise<void>;
}

const earlierUnread =
  'could not be read to its end: Xids of this boot that the kernel itself no longer holds may be missing';
const mostTroubles = pushLimits.kernelTroubles;

/** What went wrong: from the kernel's log since boot, and from the GPUs' readings since the agent started. */
export function createFaults(options: FaultsOptions): Faults {
  const { access, clock, source } = options;
  let tally = createXidTally();
  let troubles = new Map<string, KernelTrouble>();
  let starts = new Map<string, { readonly gpuUuid: string; readonly key: string; readonly at: string }>();
  /** The first of this boot. */
  let unread: string | null = null;
  let isEarlierUnread = false;
  let bootMillis: number | null = null;
  const meter = createThrottleMeter(() => 3 * options.intervalSeconds());
  const onEvent = (event: KernelEvent, live: boolean, isEarlier = false): void => {
    // Its own clock is exact while we look; the kernel's does not count the time that a host was suspended.
    const at = live ? (event.at ?? isoNow(clock)) : timeOf(event, bootMillis);
    if (event.kind === 'xid') {
      tally.add(event, at, isEarlier);
      if (live) options.onXid?.();
    } else if (event.kind === 'gpu-name') tally.name(event.pciBusId, event.uuid);
    else if (event.kind === 'unread') unread ??= event.message;
    else if (event.kind !== 'driver-trouble') noteTrouble(troubles, event, { at, isEarlier });
  };
  const log =
    options.kernelLog === null
      ? null
      : createKernelLog({
          access,
          source,
          path: options.kernelLog,
          onEvent,
          onEarlier: (event) => onEvent(event, false, true),
          onUnreadEarlier() {
            isEarlierUnread = true;
          },
          onReboot() {
            tally = createXidTally();
            troubles = new Map();
            unread = null;
          },
        });
  const noteFindings = (gpus: readonly ReportedGpu[]): void => {
    const at = isoNow(clock);
    const next: typeof starts = new Map();
    for (const gpu of gpus)
      for (const { key } of gpu.uuid === null ? [] : gpuFindings(gpu)) {
        const name = `${gpu.uuid} ${key}`;
        next.set(name, starts.get(name) ?? { gpuUuid: gpu.uuid ?? '', key, at });
      }
    starts = next;
  };
  return {
    async start() {
      if (log === null) return;
      bootMillis = await readBootMillis(access);
      await log.start();
    },
    view(gpus) {
      const nowSeconds = clock.monotonicSeconds();
      for (const { uuid, throttleReasons } of gpus)
        if (uuid !== null) meter.note(uuid, throttleReasons, nowSeconds);
      noteFindings(gpus);
      const isQuiet = tally.counts.length === 0 && troubles.size === 0;
      const uuids = new Map(
        isQuiet ? [] : gpus.map(({ pciBusId, uuid }) => [pciBusIdOf(pciBusId ?? ''), uuid]),
      );
      const named = <T extends Pick<XidCount, 'pciBusId' | 'gpuUuid'>>(each: T): T => ({
        ...each,
        gpuUuid: uuids.get(each.pciBusId) ?? each.gpuUuid,
      });
      return {
        xids: newest(tally, pushLimits.xids).map(named),
        troubles: [...troubles.values()].map(named),
        throttles: meter.times.slice(0, pushLimits.throttleTimes),
        starts: [...starts.values()].slice(0, pushLimits.faultStarts),
      };
    },
    get problems() {
      const left = tally.leftOut + Math.max(0, tally.counts.length - pushLimits.xids);
      return [
        ...(left === 0
          ? []
          : [{ field: 'kernel-log', text: `${left} Xids`, message: 'are more than are reported' }]),
        ...(isEarlierUnread ? [{ field: 'kernel-log', text: 'journalctl', message: earlierUnread }] : []),
        ...(unread === null
          ? []
          : [{ field: 'kernel-log', text: quote(unread), message: 'names an Xid and cannot be read' }]),
      ];
    },
    stop: async () => log?.stop(),
  };
}

/** The newest, where there are more than a report takes. */
function newest({ counts }: XidTally, most: number): readonly XidCount[] {
  if (counts.length <= most) return counts;
  return counts.toSorted((a, b) => ((a.lastAt ?? '') < (b.lastAt ?? '') ? 1 : -1)).slice(0, most);
}

function noteTrouble(
  troubles: Map<string, KernelTrouble>,
  event: Extract<KernelEvent, { readonly kind: KernelTrouble['kind'] }>,
  { at, isEarlier }: { readonly at: string | null; readonly isEarlier: boolean },
): void {
  const { kind, pciBusId } = event;
  const key = `${kind} ${pciBusId}`;
  const before = troubles.get(key);
  if (before === undefined && troubles.size >= mostTroubles) return;
  if (before !== undefined && isEarlier) {
    troubles.set(key, { ...before, count: before.count + 1, firstAt: earlier(before.firstAt, at) });
    return;
  }
  troubles.set(key, {
    kind,
    pciBusId,
    gpuUuid: null,
    count: (before?.count ?? 0) + 1,
    firstAt: before?.firstAt ?? at,
    lastAt: at ?? before?.lastAt ?? null,
    lastText: event.kind === 'switch-error' ? `SXid ${event.sxid}: ${event.text}` : event.message,
  });
}
