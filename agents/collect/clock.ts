/** Both clocks of the host: one that can be set, one that only goes forward. Tests bring their own. */
export interface Clock {
  nowMilliseconds(): number;
  monotonicSeconds(): number;
}

export const systemClock: Clock = {
  nowMilliseconds: () => Date.now(),
  monotonicSeconds: () => performance.now() / 1000,
};

/** The last that was written: rows of one sample come within a millisecond. */
let written = { milliseconds: Number.NaN, text: '' };

export const isoNow = (clock: Clock): string => isoAgo(clock, 0);

export function isoAgo(clock: Clock, seconds: number): string {
  const milliseconds = clock.nowMilliseconds() - Math.round(seconds * 1000);
  if (milliseconds !== written.milliseconds)
    written = { milliseconds, text: new Date(milliseconds).toISOString() };
  return written.text;
}
