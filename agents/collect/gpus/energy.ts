/** Joules of each GPU since the agent started, from its power; gaps are left out, not guessed. */
export interface EnergyMeter {
  note(uuid: string, drawWatts: number | null, nowSeconds: number): void;
  joules(uuid: string): number | null;
}

interface Reading {
  readonly joules: number;
  readonly watts: number | null;
  readonly atSeconds: number;
}

/** `longestGapSeconds` is asked at each reading, since the interval changes. */
export function createEnergyMeter(longestGapSeconds: () => number): EnergyMeter {
  const readings = new Map<string, Reading>();
  const joulesBetween = (before: Reading, watts: number | null, atSeconds: number): number => {
    const gapSeconds = atSeconds - before.atSeconds;
    if (before.watts === null || watts === null || gapSeconds > longestGapSeconds()) return 0;
    return ((before.watts + watts) / 2) * gapSeconds;
  };
  return {
    note(uuid, watts, atSeconds) {
      const before = readings.get(uuid);
      if (before === undefined && watts === null) return;
      const joules = before === undefined ? 0 : before.joules + joulesBetween(before, watts, atSeconds);
      readings.set(uuid, { joules, watts, atSeconds });
    },
    joules: (uuid) => readings.get(uuid)?.joules ?? null,
  };
}
