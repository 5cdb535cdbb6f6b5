const durationUnits: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds of `90s`, `5m`, `2h`, `1d` or a plain number of seconds; null for anything else. */
export function readDuration(text: string): number | null {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)\s*([smhd]?)$/.exec(text.trim());
  if (match === null) return null;
  return Number(match[1]) * (durationUnits[match[2] || 's'] ?? Number.NaN);
}

/** How a unit may be written, and what it is in the base unit. */
const spellings: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  ratio: { '': 1, '%': 0.01 },
  celsius: { '': 1, c: 1, '°c': 1 },
  watts: { '': 1, w: 1, kw: 1000 },
  hertz: { '': 1, hz: 1, mhz: 1e6, ghz: 1e9 },
  bytes: { '': 1, b: 1, kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3, tib: 1024 ** 4, mb: 1e6, gb: 1e9 },
  minutes: { '': 1, m: 1, min: 1, h: 60, d: 1440 },
  seconds: { '': 1, s: 1, m: 60, h: 3600, d: 86_400 },
};

/** A number in a base unit (`bytes`, `celsius`, `ratio` …), written plainly or as `40 GiB`, `85 °C`, `90 %`; null for anything else. */
export function readQuantity(text: string, unit: string | null): number | null {
  const match = /^(-?\d{1,15}(?:\.\d{1,9})?)\s*([%°A-Za-z]{0,3})$/.exec(text.trim());
  if (match === null) return null;
  const factor = (unit === null ? { '': 1 } : spellings[unit])?.[(match[2] ?? '').toLowerCase()];
  return factor === undefined ? null : Number(match[1]) * factor;
}
