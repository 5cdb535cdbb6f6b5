import type { Problem } from '../../model/index.ts';
import { parseFailure } from '../failure.ts';
import { longestDocument, mostRows } from '../limits.ts';
import { cutFailure, eachLine } from '../plain-text.ts';
import type { QueryGpuDocument, QueryGpuRow } from '../types.ts';
import { headColumns, splitLine } from './columns.ts';
import { createQueryGpuReader } from './reader.ts';

export { otherQueryNames, queryGpuFields } from './fields.ts';
export { unknownQueryNames } from './names.ts';
export { parseNewFields } from './new-fields.ts';
export { createQueryGpuReader } from './reader.ts';

const gpuUuid = /^GPU-[0-9A-Za-z-]{8,}$/;

/**
 * Reads a whole answer of `--query-gpu`, with or without units. Where it has no head, `fields` names its columns;
 * without both only the uuid of each row is known, and a problem says so. Never throws.
 */
export function parseQueryGpu(text: string, fields?: readonly string[]): QueryGpuDocument {
  if (text.length > longestDocument) {
    const message = `the text is larger than ${longestDocument / 1024 / 1024} MiB`;
    return document([], [], { code: 'unknown-error', message, gpu: null });
  }
  const reader = createQueryGpuReader(fields);
  const rows: QueryGpuRow[] = [];
  let cut: QueryGpuDocument['failure'] = null;
  for (const { text: line, isEnded } of eachLine(text)) {
    if (rows.length >= mostRows) {
      const problem = { field: 'csv:', text: '', message: `only the first ${mostRows} rows were read` };
      return document(rows, [...reader.problems, problem], reader.failure);
    }
    const row = reader.push(line);
    // 35 may be the beginning of 350.
    if (row !== null && !isEnded && !isWhole(line))
      cut = cutFailure('its last row has no end and was not read');
    else if (row !== null) rows.push(row);
  }
  if (rows.length > 0 || cut !== null) return document(rows, reader.problems, reader.failure ?? cut);
  const failure = parseFailure(text, null);
  return failure === null ? document(namedRows(text), reader.problems, null) : document([], [], failure);
}

/** Whether a row without a line end ends in what nothing can follow: a unit or a bracket. */
const isWhole = (line: string): boolean => /(?:\]|[%W]| MiB| MHz)\s*$/.test(line.slice(-64));

function document(
  gpus: readonly QueryGpuRow[],
  problems: readonly Problem[],
  failure: QueryGpuDocument['failure'],
): QueryGpuDocument {
  return {
    driverVersion: gpus.find((row) => row.driverVersion)?.driverVersion ?? null,
    gpus,
    problems,
    failure,
  };
}

/** Rows of unknown columns: nothing is certain but a uuid, by its form. */
function namedRows(text: string): QueryGpuRow[] {
  const rows: QueryGpuRow[] = [];
  for (const { text: line, isEnded } of eachLine(text)) {
    const uuid =
      isEnded && line.length < 65_536 ? splitLine(line).find((cell) => gpuUuid.test(cell)) : undefined;
    if (uuid === undefined || rows.length >= mostRows) continue;
    const nothing = { index: null, timestamp: null, driverVersion: null, failure: null, extra: {} };
    rows.push({ uuid, ...nothing, gpu: { uuid }, state: 'ok' });
  }
  return rows;
}

/** Whether a line is the head of a `--query-gpu` answer: only names of columns, one at least that we know. */
export function isQueryGpuHead(line: string): boolean {
  return line.length <= 65_536 && headColumns(splitLine(line.trim())) !== null;
}
