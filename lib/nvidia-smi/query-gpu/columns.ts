import type { ValueKind } from '../values.ts';
import { type QueryField, queryFieldOf, throttleReasonOf } from './fields.ts';

export interface Column {
  /** Without its unit: `power.draw`. */
  readonly name: string;
  /** `W`; empty when the head names none. */
  readonly unit: string;
  readonly field: QueryField | undefined;
  readonly throttleReason: string | null;
}

/** nvidia-smi quotes nothing: a comma in a value shows as a wrong count of columns. */
export function splitLine(line: string): string[] {
  return line.split(',').map((cell) => cell.trim());
}

const headCell = /^([a-z][A-Za-z0-9_.]*)(?:\s*\[([^\]]{1,12})\])?$/;

export function columnOf(cell: string): Column | null {
  const match = headCell.exec(cell);
  const name = match?.[1];
  if (name === undefined) return null;
  return { name, unit: match?.[2] ?? '', field: queryFieldOf(name), throttleReason: throttleReasonOf(name) };
}

/** The columns of a head line, or null when it is none: a head has only names, and one at least that we know. */
export function headColumns(cells: readonly string[]): Column[] | null {
  const columns: Column[] = [];
  for (const cell of cells) {
    const column = columnOf(cell);
    if (column === null) return null;
    columns.push(column);
  }
  const isKnown = columns.some(({ field, throttleReason }) => field !== undefined || throttleReason !== null);
  return isKnown ? columns : null;
}

const kindsByUnit: ReadonlyMap<string, ValueKind> = new Map([
  ['MiB', 'bytes'],
  ['MHz', 'hertz'],
  ['W', 'watts'],
  ['%', 'ratio'],
  ['us', 'seconds'],
  ['ms', 'seconds'],
  ['seconds', 'seconds'],
]);

/** How to read a column that the table does not know: by its unit, else as text. */
export function kindOf(column: Column): ValueKind {
  return kindsByUnit.get(column.unit) ?? 'text';
}
