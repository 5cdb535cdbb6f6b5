/** Between a number and its unit: never broken across lines. */
export const unitSpace = '\u00a0';

/** What stands where a value is missing. */
export const missing = '—';

/** Three significant digits, never an exponent: 0.0712, 7.12, 71.2, 712, 7123. */
export function significant(value: number): string {
  if (!Number.isFinite(value)) return missing;
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 99.95) return String(Math.round(value));
  if (size < 0.001) return value < 0 ? '>-0.001' : '<0.001';
  const rounded = Number(value.toPrecision(3));
  return rounded.toFixed(Math.max(0, 2 - Math.floor(Math.log10(Math.abs(rounded)) + 1e-9)));
}

/** A ratio (0..1) that the tool prints as whole percent. */
export function formatPercent(ratio: number): string {
  return `${Math.round(ratio * 100)}${unitSpace}%`;
}

/** A mean of ratios: three significant digits. */
export function formatMeanPercent(ratio: number): string {
  return `${significant(ratio * 100)}${unitSpace}%`;
}

/** A count, with thin groups of three. */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

/** `1 GPU`, `2 GPUs`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
