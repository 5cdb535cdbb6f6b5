import type { ThrottleTime } from '../../../lib/model/index.ts';

/** A GPU that has nothing to do is not held down by anything. */
const noThrottle: ReadonlySet<string> = new Set(['gpu_idle']);
const mostReasons = 16;

/** How long each reason held each GPU down, from one sample to the next. */
export interface ThrottleMeter {
  /** `reasons` null: not told now, so that nothing is known of the time until the next sample. */
  note(gpuUuid: string, reasons: readonly string[] | null, nowSeconds: number): void;
  readonly times: readonly ThrottleTime[];
}

interface Held {
  reasons: readonly string[] | null;
  atSeconds: number;
  readonly seconds: Map<string, number>;
}

/** `longestGapSeconds` is asked at each sample, since the interval changes. */
export function createThrottleMeter(longestGapSeconds: () => number): ThrottleMeter {
  const gpus = new Map<string, Held>();
  return {
    note(gpuUuid, reasons, nowSeconds) {
      const held = gpus.get(gpuUuid) ?? { reasons: null, atSeconds: nowSeconds, seconds: new Map() };
      const gap = nowSeconds - held.atSeconds;
      if (held.reasons !== null && reasons !== null && gap > 0 && gap <= longestGapSeconds())
        for (const reason of held.reasons) {
          const before = held.seconds.get(reason);
          if (noThrottle.has(reason) || (before === undefined && held.seconds.size >= mostReasons)) continue;
          held.seconds.set(reason, (before ?? 0) + gap);
        }
      held.reasons = reasons;
      held.atSeconds = nowSeconds;
      gpus.set(gpuUuid, held);
    },
    get times() {
      const times: ThrottleTime[] = [];
      gpus.forEach(({ seconds }, gpuUuid) => {
        seconds.forEach((sum, reason) => {
          times.push({ gpuUuid, reason, seconds: Math.round(sum * 10) / 10 });
        });
      });
      return times;
    },
  };
}
