export interface Month {
  /** `YYYY-MM`. */
  readonly name: string;
  /** Unix time of UTC; the end is not included. */
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

const month = (year: number, index: number): Month => {
  const fromSeconds = Date.UTC(year, index) / 1000;
  return {
    name: new Date(fromSeconds * 1000).toISOString().slice(0, 7),
    fromSeconds,
    toSeconds: Date.UTC(year, index + 1) / 1000,
  };
};

/** `2026-11`; null for any other text. */
export function readMonth(text: string): Month | null {
  const match = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(text);
  if (match === null || Number(match[1]) < 1970) return null;
  return month(Number(match[1]), Number(match[2]) - 1);
}

/** The month of a moment, or one so many months from it. */
export function monthOf(milliseconds: number, monthsAway = 0): Month {
  const at = new Date(milliseconds);
  return month(at.getUTCFullYear(), at.getUTCMonth() + monthsAway);
}
