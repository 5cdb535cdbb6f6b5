import type { SQLOutputValue } from 'node:sqlite';
import { StoreError } from '../state-store.ts';

export type Row = Record<string, SQLOutputValue>;

/** A column that the schema says is text. */
export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new StoreError('corrupt', `column ${column} of the state has no text`);
  return value;
}

export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : text(row, column);
}

/** A column that holds a JSON object of strings. */
export function labels(row: Row, column: string): Readonly<Record<string, string>> {
  const value: unknown = JSON.parse(text(row, column));
  if (typeof value !== 'object' || value === null) {
    throw new StoreError('corrupt', `column ${column} of the state has no labels`);
  }
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, String(part)]));
}

/** A column that holds one of a closed list. */
export function oneOf<T extends string>(row: Row, column: string, allowed: readonly T[]): T {
  const value = text(row, column);
  const found = allowed.find((each) => each === value);
  if (found === undefined) throw new StoreError('corrupt', `column ${column} of the state has "${value}"`);
  return found;
}
