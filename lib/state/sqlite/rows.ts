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

export function optional<T>(row: Row | undefined, read: (row: Row) => T): T | null {
  return row === undefined ? null : read(row);
}

/** A column that the schema says is a whole number. */
export function whole(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number')
    throw new StoreError('corrupt', `column ${column} of the state has no number`);
  return value;
}

/** A column that holds JSON which this hub wrote. */
export const parsed = (row: Row, column: string): unknown => {
  const value = textOrNull(row, column);
  return value === null ? null : JSON.parse(value);
};

/** A column that holds a JSON list of strings. */
export function texts(row: Row, column: string): readonly string[] {
  const value = parsed(row, column);
  if (!Array.isArray(value)) throw new StoreError('corrupt', `column ${column} of the state has no list`);
  return value.map(String);
}
