import { type WasteGrouping, wasteGroupings } from '../../lib/model/index.ts';

/** What the address of the Waste page asks for; null: the hub's own choice. */
export interface WasteAsked {
  /** `YYYY-MM`. */
  readonly month: string | null;
  readonly by: WasteGrouping | null;
  readonly idleAfterSeconds: number | null;
}

export function readWasteAsked(read: (name: string) => string | null): WasteAsked {
  const month = read('month');
  const idle = Number(read('idle') ?? Number.NaN);
  return {
    month: month !== null && /^\d{4}-(0[1-9]|1[0-2])$/.test(month) ? month : null,
    by: wasteGroupings.find((grouping) => grouping === read('by')) ?? null,
    idleAfterSeconds: idle % 60 === 0 && idle >= 60 && idle <= 86_400 ? idle : null,
  };
}

const shownMonths = 24;

/** The months that a page offers, the newest first; `now` is ISO 8601. */
export function monthChoices(now: string, asked: string | null): readonly string[] {
  const at = new Date(now);
  const months = Array.from({ length: shownMonths }, (_, back) =>
    new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() - back)).toISOString().slice(0, 7),
  );
  return asked === null || months.includes(asked) ? months : [asked, ...months];
}
