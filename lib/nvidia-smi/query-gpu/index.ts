import type { Problem } from '../../model/index.ts';
import { parseFailure } from '../failure.ts';
import { longestDocument } from '../limits.ts';
import type { QueryGpuDocument, QueryGpuRow } from '../types.ts';
import { headColumns, splitLine } from './columns.ts';
import { createQueryGpuReader } from './reader.ts';

export { otherQueryNames, queryGpuFields } from './fields.ts';
export { unknownQueryNames } from './names.ts';
export { createQueryGpuReader } from './reader.ts';

const mostRows = 100_000;
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
  const lines = text.split('\n');
  for (const line of lines) {
    if (rows.length >= mostRows) {
      const problem = { field: 'csv:', text: '', message: `only the first ${mostRows} rows were read` };
      return document(rows, [...reader.problems, problem], reader.failure);
    }
    const row = reader.push(line);
    if (row !== null) rows.push(row);
  }
  if (rows.length > 0) return document(rows, reader.problems, reader.failure);
  const failure = parseFailure(text, null);
  return failure === null ? document(namedRows(lines), reader.problems, null) : document([], [], failure);
}

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
function namedRows(lines: readonly string[]): QueryGpuRow[] {
  const uuids = lines.map((line) => splitLine(line).find((cell) => gpuUuid.test(cell)));
  return uuids
    .filter((uuid) => uuid !== undefined)
    .map((uuid) => ({
      uuid,
      index: null,
      timestamp: null,
      driverVersion: null,
      gpu: { uuid },
      state: 'ok',
      failure: null,
      extra: {},
    }));
}

/** Whether a line is the head of a `--query-gpu` answer: only names of columns, one at least that we know. */
export function isQueryGpuHead(line: string): boolean {
  return line.length <= 65_536 && headColumns(splitLine(line.trim())) !== null;
}
