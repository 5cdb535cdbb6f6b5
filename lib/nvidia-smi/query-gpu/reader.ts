import type { Failure } from '../../model/index.ts';
import { parseFailure } from '../failure.ts';
import { mostGpus } from '../limits.ts';
import { createProblemLog, noteUnknownColumn } from '../problems.ts';
import type { QueryGpuReader, QueryGpuRow } from '../types.ts';
import { type Column, columnOf, headColumns, splitLine } from './columns.ts';
import { unknownQueryNames } from './names.ts';
import { readRow } from './row.ts';
import { type KnownRow, standsAlone } from './same-row.ts';

/** Characters; a row of every field there is has some 4,000. */
const longestLine = 65_536;

/**
 * Reads `--query-gpu=… --format=csv -lms N` line by line: nvidia-smi prints the head once, then one row a GPU a
 * sample. Failure texts in between are told by `failure`. With `fields` no head is expected (`noheader`).
 */
export function createQueryGpuReader(fields?: readonly string[]): QueryGpuReader {
  const problems = createProblemLog();
  let columns: Column[] | null = fields?.map(named) ?? null;
  let failure: Failure | null = null;
  /** The last row of each GPU, by its first cell, which names it. */
  const known = new Map<string, KnownRow>();
  let isKept = columns !== null && standsAlone(columns);
  if (columns !== null) noteUnknown(columns);

  function noteUnknown(all: readonly Column[]): void {
    for (const column of all)
      if (unknownQueryNames([column.name]).length > 0) noteUnknownColumn(problems, 'csv', column);
  }

  function push(line: string): QueryGpuRow | null {
    const text = line.trim();
    if (text === '') return null;
    if (text.length > longestLine) {
      problems.add('csv:', text, `is a line of more than ${longestLine} characters`);
      return null;
    }
    const cells = splitLine(text);
    // A head can come again: the tool was started anew on the same stream.
    const head = headColumns(cells);
    if (head !== null) {
      columns = head;
      known.clear();
      isKept = standsAlone(head);
      noteUnknown(head);
      return null;
    }
    if (columns === null || cells.length !== columns.length || cells.length === 1) {
      const told = parseFailure(text, null);
      if (told !== null) {
        failure = told;
        return null;
      }
    }
    if (columns === null) {
      problems.add('csv:', text, 'stands before any head: its columns are unknown');
      return null;
    }
    if (cells.length !== columns.length) {
      problems.add('csv:', text, `has ${cells.length} columns and not ${columns.length}`);
      return null;
    }
    failure = null;
    const name = cells[0] ?? '';
    const read = readRow(columns, cells, { problems, before: known.get(name) ?? null });
    if (isKept && (known.has(name) || known.size < mostGpus)) known.set(name, read);
    return read.row;
  }

  return {
    push,
    get problems() {
      return problems.list;
    },
    get failure() {
      return failure;
    },
  };
}

function named(field: string): Column {
  return columnOf(field) ?? { name: field, unit: '', field: undefined, throttleReason: null };
}
