import type { GpuProcess } from '../model/index.ts';
import { isGpuFailureLine, parseFailure } from './failure.ts';
import { longestLine, mostSamples } from './limits.ts';
import { numberOf, textOf } from './narrow.ts';
import { cutFailure, eachLine } from './plain-text.ts';
import { createProblemLog, noteUnknownColumn, type ProblemLog } from './problems.ts';
import type { QueryAppsDocument, QueryAppsRow } from './types.ts';
import { readValue, type ValueKind } from './values.ts';

type AppField = 'timestamp' | 'gpuUuid' | 'gpuPciBusId' | 'pid' | 'name' | 'usedMemoryBytes';

/** Columns that we have a place for; what accounting tells of a process's whole life is no current use. */
const fields: ReadonlyMap<string, readonly [AppField, ValueKind]> = new Map([
  ['timestamp', ['timestamp', 'text']],
  ['gpu_uuid', ['gpuUuid', 'text']],
  ['gpu_bus_id', ['gpuPciBusId', 'text']],
  ['pid', ['pid', 'pid']],
  ['process_name', ['name', 'text']],
  ['name', ['name', 'text']],
  ['used_gpu_memory', ['usedMemoryBytes', 'bytes']],
  ['used_memory', ['usedMemoryBytes', 'bytes']],
]);

/** Of the GPU, or of a process's whole life. */
const withoutPlace: ReadonlySet<string> = new Set([
  ...['gpu_name', 'gpu_serial', 'gpu_utilization', 'mem_utilization', 'max_memory_usage', 'time'],
  ...['retired_pages.address', 'retired_pages.timestamp', 'retired_pages.cause', 'vgpu_instance'],
]);

const headCell = /^([a-z][a-z_.]*)(?:\s*\[([^\]]{1,12})\])?$/;

interface AppColumn {
  readonly name: string;
  readonly unit: string;
}

/**
 * Reads a whole answer of `--query-compute-apps` or `--query-accounted-apps` with its head. A process name with
 * commas is put together again, since only that column can hold some. Never throws.
 */
export function parseQueryApps(text: string): QueryAppsDocument {
  const problems = createProblemLog();
  const processes: QueryAppsRow[] = [];
  let columns: readonly AppColumn[] | null = isHeadlessAppsRow(text.slice(0, text.indexOf('\n') >>> 0))
    ? headlessFields.map((name) => ({ name, unit: '' }))
    : null;
  let cut: QueryAppsDocument['failure'] = null;
  let told: QueryAppsDocument['failure'] = null;
  for (const { text: raw, isEnded } of eachLine(text)) {
    const line = raw.trim();
    if (line === '' || processes.length >= mostSamples || tooLong(line, problems)) continue;
    if (isGpuFailureLine(line)) {
      told ??= parseFailure(line, null);
      continue;
    }
    // 35 may be the beginning of 350.
    if (!isEnded && columns !== null && !/(?:\]|%|MiB|ms)$/.test(line)) {
      cut = cutFailure('its last row has no end and was not read');
      continue;
    }
    const head = readHead(line);
    if (head !== null) {
      columns = head;
    } else if (columns === null) {
      if (parseFailure(line, null) === null) problems.add('csv:', line, 'stands before any head');
    } else {
      const cells = cellsOf(line, columns);
      const row = cells === null ? null : readRow(columns, cells, problems);
      if (cells === null) problems.add('csv:', line, `has not ${columns.length} columns`);
      if (row !== null) processes.push(row);
    }
  }
  const isAnswer = processes.length > 0 || columns !== null;
  const failure = isAnswer ? (told ?? cut) : parseFailure(text, null);
  return { processes, problems: isAnswer || failure === null ? problems.list : [], failure };
}

function tooLong(line: string, problems: ProblemLog): boolean {
  if (line.length > longestLine)
    problems.add('csv:', line, `is a line of more than ${longestLine} characters`);
  return line.length > longestLine;
}

function readHead(line: string): AppColumn[] | null {
  const cells = line.split(',').map((cell) => headCell.exec(cell.trim()));
  if (cells.some((cell) => cell === null)) return null;
  const columns = cells.map((cell) => ({ name: cell?.[1] ?? '', unit: cell?.[2] ?? '' }));
  return columns.some(({ name }) => fields.has(name)) ? columns : null;
}

function cellsOf(line: string, columns: readonly AppColumn[]): string[] | null {
  const parts = line.split(',');
  const surplus = parts.length - columns.length;
  const nameAt = columns.findIndex(({ name }) => name === 'process_name' || name === 'name');
  if (surplus < 0 || (surplus > 0 && nameAt < 0)) return null;
  const cells =
    surplus === 0
      ? parts
      : [
          ...parts.slice(0, nameAt),
          parts.slice(nameAt, nameAt + surplus + 1).join(','),
          ...parts.slice(nameAt + surplus + 1),
        ];
  return cells.map((cell) => cell.trim());
}

function readRow(
  columns: readonly AppColumn[],
  cells: readonly string[],
  problems: ProblemLog,
): QueryAppsRow | null {
  const told: Partial<Record<AppField, string | number | boolean>> = {};
  columns.forEach(({ name, unit }, position) => {
    const field = fields.get(name);
    const cell = cells[position] ?? '';
    if (field === undefined) {
      if (!withoutPlace.has(name)) noteUnknownColumn(problems, 'csv', { name, unit });
      return;
    }
    const reading = readValue(cell, field[1], unit);
    if (reading.kind === 'value') told[field[0]] = reading.value;
    if (reading.kind === 'unrecognised') problems.add(`csv:${name}`, cell, reading.message);
  });
  const { pid } = told;
  if (typeof pid !== 'number') return null;
  const process: GpuProcess = {
    pid,
    type: 'C',
    name: textOf(told.name),
    usedMemoryBytes: numberOf(told.usedMemoryBytes),
    smRatio: null,
    gpuInstanceId: null,
    computeInstanceId: null,
  };
  return {
    gpuUuid: textOf(told.gpuUuid),
    gpuPciBusId: textOf(told.gpuPciBusId),
    process,
    timestamp: textOf(told.timestamp),
  };
}

const onlyApps = new Set([
  'pid',
  'process_name',
  'used_gpu_memory',
  'retired_pages.address',
  'retired_pages.cause',
]);

/** Without a head nothing but its shape tells: uuid, pid, a path and its memory. */
const headlessRow =
  /^GPU-[0-9A-Za-z.-]{1,60}, \d{1,10}, (?:\/|\.\/|[A-Za-z]:\\)[^\n]{0,4000}, (?:\d{1,9}(?: MiB)?|\[N\/A\])$/;
const headlessFields = ['gpu_uuid', 'pid', 'process_name', 'used_gpu_memory'] as const;

/** Whether a line is a row of `--query-compute-apps=gpu_uuid,pid,process_name,used_memory` without its head. */
export const isHeadlessAppsRow = (line: string): boolean => headlessRow.test(line.trim());

/** Whether a line is the head of a query per process (or per retired page), which names a GPU in each row. */
export function isQueryAppsHead(line: string): boolean {
  return line.length <= 65_536 && (readHead(line.trim())?.some(({ name }) => onlyApps.has(name)) ?? false);
}
