import { splitField } from '../draft.ts';
import type { GpuPatch, QueryGpuRow } from '../types.ts';
import type { Reading } from '../values.ts';
import type { Column } from './columns.ts';

/** A row as it was read, for the next of the same GPU: most of its cells say the same again. */
export interface KnownRow {
  readonly columns: readonly Column[];
  readonly cells: readonly string[];
  readonly readings: readonly Reading[];
  readonly row: QueryGpuRow;
  /** No cell of it is read as a failure, or as nothing that is known. */
  readonly isPlain: boolean;
}

/** A head under which each column has a place of its own, so that one can be laid over a row without the others. */
export function standsAlone(columns: readonly Column[]): boolean {
  const places = columns.map(({ name, field }) => field?.to ?? field?.head ?? field?.extra ?? name);
  const isPlain = ({ field }: Column): boolean => field?.to === undefined || field.extra === undefined;
  return new Set(places).size === columns.length && columns.every(isPlain);
}

/**
 * The row before with the cells that changed laid over it: the same as reading it whole, in a fourth of the time. Null
 * where only a whole reading tells: something failed, was not understood, came, went, or has its place deep inside.
 */
export function readChanges(
  before: KnownRow,
  cells: readonly string[],
  readCell: (column: Column, cell: string) => Reading,
): KnownRow | null {
  if (!before.isPlain) return null;
  const { columns, row } = before;
  const readings = before.readings.slice();
  const gpu: Record<string, unknown> = { ...row.gpu };
  let { timestamp, driverVersion } = row;
  for (let position = 0; position < columns.length; position += 1) {
    const cell = cells[position] ?? '';
    if (cell === before.cells[position]) continue;
    const column = columns[position];
    const field = column?.field;
    if (field === undefined || column === undefined || readings[position]?.kind !== 'value') return null;
    const reading = readCell(column, cell);
    if (reading.kind !== 'value') return null;
    readings[position] = reading;
    const { value } = reading;
    if (field.to !== undefined) {
      const names = splitField(field.to);
      if (names.length > 2) return null;
      const group = names[0] ?? '';
      const name = names[1];
      gpu[group] = name === undefined ? value : { ...(gpu[group] as object), [name]: value };
    } else if (typeof value !== 'string' || field.head === undefined) return null;
    else if (field.head === 'timestamp') timestamp = value;
    else driverVersion = value;
  }
  const { uuid = null, index = null } = gpu as GpuPatch;
  const changed = { ...row, uuid, index, timestamp, driverVersion, gpu: gpu as GpuPatch };
  return { columns, cells, readings, row: changed, isPlain: true };
}
