import { type Draft, setField } from '../draft.ts';
import type { ProblemLog } from '../problems.ts';
import { type FailedValue, stateFrom } from '../state.ts';
import type { GpuPatch, QueryGpuRow } from '../types.ts';
import { type Reading, readValue, type Value } from '../values.ts';
import { type Column, kindOf } from './columns.ts';
import { throttleBits } from './fields.ts';
import { type KnownRow, readChanges } from './same-row.ts';

/** What one row is gathered into. */
interface RowDraft {
  readonly gpu: Draft;
  readonly extra: Record<string, Value>;
  readonly head: { timestamp: string | null; driverVersion: string | null };
  readonly failed: FailedValue[];
  /** By field: the rank of the column that it was set from. */
  readonly ranks: Map<string, number>;
}

/** Of a column that we do not know: `1.10` may be a version, so whole numbers only. */
const plainNumber = /^-?(?:0|[1-9]\d{0,14})$/;
const identity: ReadonlySet<string> = new Set([
  'uuid',
  'index',
  'name',
  'serial',
  'pciBusId',
  'vbiosVersion',
]);

/** Reads the cells of one line by the columns of its head; there are as many of both. `before`: of the same head. */
export function readRow(
  columns: readonly Column[],
  cells: readonly string[],
  { problems, before }: { readonly problems: ProblemLog; readonly before: KnownRow | null },
): KnownRow {
  const changed = before === null ? null : readChanges(before, cells, readCell);
  if (changed !== null) return changed;
  const readings = readCells(columns, cells);
  const row = readWhole({ columns, cells, readings }, problems);
  const isOdd = readings.some(({ kind }) => kind === 'failed' || kind === 'unrecognised');
  return { columns, cells, readings, row, isPlain: !isOdd && row.state === 'ok' && row.failure === null };
}

type Read = Pick<KnownRow, 'columns' | 'cells' | 'readings'>;

function readWhole(read: Read, problems: ProblemLog): QueryGpuRow {
  const { columns, cells, readings } = read;
  const row: RowDraft = {
    gpu: {},
    extra: {},
    head: { timestamp: null, driverVersion: null },
    failed: [],
    ranks: new Map(),
  };
  for (let position = 0; position < columns.length; position += 1) {
    const [column, reading] = [columns[position], readings[position]];
    if (column === undefined || reading === undefined) continue;
    note(row, column, cells[position] ?? '', reading, problems);
    if (column.throttleReason === null) putValue(row, column, reading);
  }
  readThrottleReasons(row, read, problems);
  const gpu = row.gpu as GpuPatch;
  const { state, failure } = stateFrom(row.failed, gpu);
  if (state !== 'ok') clearReadings(row.gpu);
  return {
    uuid: gpu.uuid ?? null,
    index: gpu.index ?? null,
    ...row.head,
    gpu,
    state,
    failure,
    extra: state === 'ok' ? row.extra : {},
  };
}

/** One for each column. */
function readCells(columns: readonly Column[], cells: readonly string[]): readonly Reading[] {
  return columns.map((column, position) => readCell(column, cells[position] ?? ''));
}

/** Of all reasons in one number; the other columns are one reason each. */
const masks: ReadonlySet<string> = new Set(['active', 'supported']);

function readCell(column: Column, cell: string): Reading {
  const { field, throttleReason, unit } = column;
  if (throttleReason !== null) return readValue(cell, masks.has(throttleReason) ? 'text' : 'flag');
  return readValue(cell, field?.as ?? kindOf(column), unit);
}

function putValue(row: RowDraft, column: Column, reading: Reading): void {
  const { field } = column;
  const value = reading.kind === 'value' ? reading.value : null;
  if (field === undefined) {
    if (value !== null) row.extra[column.name] = plainNumber.test(String(value)) ? Number(value) : value;
    return;
  }
  if (field.extra !== undefined && value !== null) row.extra[field.extra] = value;
  if (field.head !== undefined && typeof value === 'string') row.head[field.head] ??= value;
  if (field.to === undefined) return;
  const rank = value === null ? Number.POSITIVE_INFINITY : (field.rank ?? 0);
  const present = row.ranks.get(field.to);
  if (present !== undefined && present <= rank) return;
  row.ranks.set(field.to, rank);
  setField(row.gpu, field.to, value);
}

function note(row: RowDraft, column: Column, cell: string, reading: Reading, problems: ProblemLog): void {
  if (reading.kind === 'failed') row.failed.push({ path: column.name, text: cell, code: reading.code });
  if (reading.kind === 'unrecognised') problems.add(`csv:${column.name}`, cell, reading.message);
}

/** From the mask where it was asked for, else from the single columns; not touched when neither was. */
function readThrottleReasons(row: RowDraft, { columns, cells, readings }: Read, problems: ProblemLog): void {
  const told: { reason: string; active: boolean }[] = [];
  let asked = false;
  let fromMask: string[] | null = null;
  columns.forEach((column, position) => {
    const reason = column.throttleReason;
    if (reason === null || reason === 'supported') return;
    asked = true;
    const reading = readings[position];
    if (reading?.kind !== 'value') return;
    if (reason === 'active') fromMask = reasonsOfMask(cells[position] ?? '', problems);
    else told.push({ reason, active: reading.value === true });
  });
  if (!asked) return;
  const fromColumns = told.filter(({ active }) => active).map(({ reason }) => reason);
  row.gpu['throttleReasons'] = fromMask ?? (told.length > 0 ? fromColumns : null);
}

const knownBits = throttleBits.reduce((all, [bit]) => all | bit, 0n);

function reasonsOfMask(cell: string, problems: ProblemLog): string[] | null {
  const field = 'csv:clocks_event_reasons.active';
  if (!/^0x[0-9a-f]{1,16}$/i.test(cell)) {
    problems.add(field, cell, 'is no mask of reasons');
    return null;
  }
  const mask = BigInt(cell);
  if ((mask & ~knownBits) !== 0n) problems.add(field, cell, 'has bits of unknown meaning');
  return throttleBits.filter(([bit]) => (mask & bit) !== 0n).map(([, reason]) => reason);
}

/** Failed means no value at all: only what names the GPU stays. */
function clearReadings(gpu: Draft): void {
  for (const [name, value] of Object.entries(gpu)) {
    if (identity.has(name)) continue;
    gpu[name] =
      typeof value === 'object' && value !== null && !Array.isArray(value) ? emptied(value as Draft) : null;
  }
}

function emptied(group: Draft): Draft {
  return Object.fromEntries(
    Object.entries(group).map(([name, value]) => [
      name,
      typeof value === 'object' && value !== null ? emptied(value as Draft) : null,
    ]),
  );
}
