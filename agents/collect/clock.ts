/** Both clocks of the host: one that can be set, one that only goes forward. Tests bring their own. */
export interface Clock {
  nowMilliseconds(): number;
  monotonicSeconds(): number;
}

export const systemClock: Clock = {
  nowMilliseconds: () => Date.now(),
  monotonicSeconds: () => performance.now() / 1000,
};

export const isoNow = (clock: Clock): string => new Date(clock.nowMilliseconds()).toISOString();
