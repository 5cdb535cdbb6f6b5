import type { Reading } from './values.ts';

export const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null);
export const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

export const numberIn = (reading: Reading): number | null =>
  reading.kind === 'value' ? numberOf(reading.value) : null;
export const textIn = (reading: Reading): string | null =>
  reading.kind === 'value' ? textOf(reading.value) : null;
