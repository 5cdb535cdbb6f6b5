import type { Failure } from '../model/index.ts';
import { isGpuFailureLine, parseFailure } from './failure.ts';
import { longestLine } from './limits.ts';
import { cutFailure, eachLine, plainText } from './plain-text.ts';
import type { ProblemLog } from './problems.ts';

export interface ScrollColumn {
  /** As in the head, in small letters: `gtemp`. */
  readonly name: string;
  /** As in the head's second line: `MB/s`; empty when it names none. */
  readonly unit: string;
}

export interface ScrollRow {
  readonly columns: readonly ScrollColumn[];
  /** As many as columns; `-` is an empty cell. */
  readonly cells: readonly string[];
}

const mostColumns = 200;
const words = (text: string): string[] => {
  const all = text.trim().split(/\s+/);
  return all.length > mostColumns ? all.slice(0, mostColumns) : all;
};

/**
 * Reads `pmon` and `dmon`, whose columns are those of the head, which comes again and again. Calls `onRow` for every
 * row. `restIsLast`: the last column is a text that can hold blanks. Where the text ends
 * without a line end, its last row is not told.
 */
export function readScrolling(
  text: string,
  { form, restIsLast, problems }: { form: string; restIsLast: boolean; problems: ProblemLog },
  onRow: (row: ScrollRow) => void,
): Failure | null {
  let columns: readonly ScrollColumn[] = [];
  /** The first line of a head, until its second came. */
  let names: readonly string[] | null = null;
  let failure: Failure | null = null;
  for (const { text: line, isEnded } of eachLine(plainText(text))) {
    const trimmed = line.trim();
    if (trimmed === '') continue;
    if (!isEnded) return failure ?? cutFailure('its last line has no end and was not read');
    if (line.length > longestLine)
      problems.add(`${form}:`, line, `is a line of more than ${longestLine} characters`);
    else if (trimmed.startsWith('#')) {
      const head = headWords(trimmed);
      if (names === null) {
        columns = withoutUnits(head);
        names = head;
      } else {
        columns = unitsOf(names, head);
        names = null;
      }
    } else {
      // A sentence can have as many words as there are columns.
      const cells = isGpuFailureLine(trimmed) ? null : cellsOf(line, columns, restIsLast);
      const told = cells === null ? parseFailure(line, null) : null;
      // Between the two lines of a head it ends none.
      if (told === null) names = null;
      if (cells !== null) onRow({ columns, cells });
      else if (told === null) problems.add(`${form}:`, line, misfit(columns));
      failure ??= told;
    }
  }
  return failure;
}

const headWords = (trimmed: string): string[] => words(trimmed.slice(1));

const withoutUnits = (names: readonly string[]): ScrollColumn[] =>
  names.map((name) => ({ name: name.toLowerCase(), unit: '' }));

/** The columns of a head of one line or two, as they were printed. */
export function scrollColumns([first = '', second]: readonly string[]): readonly ScrollColumn[] {
  const names = headWords(first.trim());
  return second === undefined ? withoutUnits(names) : unitsOf(names, headWords(second.trim()));
}

function unitsOf(names: readonly string[], units: readonly string[]): ScrollColumn[] {
  const fits = names.length === units.length;
  return names.map((name, at) => ({ name: name.toLowerCase(), unit: fits ? (units[at] ?? '') : '' }));
}

function misfit(columns: readonly ScrollColumn[]): string {
  return columns.length === 0 ? 'stands before any head' : `has not ${columns.length} columns`;
}

/** Null: the line has not these columns. */
export function cellsOf(
  line: string,
  columns: readonly ScrollColumn[],
  restIsLast: boolean,
): string[] | null {
  if (columns.length === 0) return null;
  const cells = words(line);
  if (cells.length < columns.length || (cells.length > columns.length && !restIsLast)) return null;
  if (restIsLast && cells.length > columns.length) {
    const start = columns.length - 1;
    cells.splice(start, cells.length - start, cells.slice(start).join(' '));
  }
  for (let at = 0; at < cells.length; at += 1) if (cells[at] === '-') cells[at] = '';
  return cells;
}

/** Whether a text begins with such a head that has all these columns. */
export function hasScrollHead(text: string, needed: readonly string[]): boolean {
  for (const { text: line } of eachLine(text.slice(0, 65_536))) {
    if (line.trim() === '') continue;
    if (!line.trim().startsWith('#')) return false;
    const names = words(line.trim().slice(1)).map((name) => name.toLowerCase());
    return needed.every((name) => names.includes(name));
  }
  return false;
}
