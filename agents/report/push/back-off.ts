/** Growing waits with jitter, so that a thousand agents do not come back in the same second. */
export interface BackOff {
  /** Seconds to wait after one more failure. */
  next(): number;
  reset(): void;
}

export function createBackOff(
  firstSeconds: number,
  longestSeconds: number,
  random: () => number = Math.random,
): BackOff {
  let failures = 0;
  return {
    next() {
      const ceiling = Math.min(longestSeconds, firstSeconds * 2 ** failures);
      failures = Math.min(failures + 1, 30);
      return ceiling * (0.5 + random() / 2);
    },
    reset() {
      failures = 0;
    },
  };
}

const longestRetryAfterSeconds = 3600;

/** `Retry-After` in seconds, as a number or a date; null when there is none or it is nonsense. */
export function retryAfterSeconds(header: string | undefined, nowMilliseconds: number): number | null {
  if (header === undefined) return null;
  const text = header.trim();
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - nowMilliseconds) / 1000;
  return Number.isFinite(seconds) ? Math.min(longestRetryAfterSeconds, Math.max(0, seconds)) : null;
}
