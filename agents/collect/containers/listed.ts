/** One entry of an engine's list of containers: little, and enough to see that one has to be asked for again. */
export interface Listed {
  readonly state: string;
  readonly name: string | null;
  /** As far as the words tell; null when it does not run. */
  readonly upSeconds: number | null;
}

/** Entries of GET /containers/json by id; what is no container is left out. Never throws. */
export function readList(value: unknown): Map<string, Listed> {
  const entries = Array.isArray(value) ? value : [];
  return new Map(
    entries.flatMap((entry: unknown): [string, Listed][] => {
      const { Id: id, State: state, Names: names, Status: status } = (entry ?? {}) as Record<string, unknown>;
      if (typeof id !== 'string') return [];
      const name: unknown = Array.isArray(names) ? names[0] : null;
      return [
        [
          id,
          {
            state: typeof state === 'string' ? state : '',
            name: typeof name === 'string' ? name : null,
            upSeconds: typeof status === 'string' ? upSecondsOf(status) : null,
          },
        ],
      ];
    }),
  );
}

const units: Readonly<Record<string, number>> = {
  second: 1,
  minute: 60,
  hour: 3600,
  day: 86_400,
  week: 604_800,
  month: 2_592_000,
  year: 31_536_000,
};

/** `Up 5 seconds`, `Up About a minute (healthy)`, `Up Less than a second`. */
function upSecondsOf(status: string): number | null {
  if (/^Up Less than a second/i.test(status)) return 0;
  const [, count = '', unit = ''] =
    /^Up (?:About )?(an?|\d{1,6}) (second|minute|hour|day|week|month|year)/i.exec(status) ?? [];
  const seconds = units[unit.toLowerCase()];
  return seconds === undefined ? null : (/^\d/.test(count) ? Number(count) : 1) * seconds;
}

/** Whether it has to be asked for again: another state or name, or it was stopped and started between two looks. */
export function isOther(before: Listed | undefined, now: Listed): boolean {
  if (before === undefined || before.state !== now.state || before.name !== now.name) return true;
  return before.upSeconds !== null && now.upSeconds !== null && now.upSeconds < before.upSeconds;
}
