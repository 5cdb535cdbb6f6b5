import { longestLine } from './limits.ts';
import { type PmonRow, pmonFields, pmonNumeric } from './pmon.ts';
import { cellsOf, scrollColumns } from './scrolling.ts';
import { readValue, type Value } from './values.ts';

/** What a row of `nvidia-smi pmon` tells of a process's share of its GPU. */
export type PmonShare = Pick<
  PmonRow,
  'gpuIndex' | 'pid' | 'smRatio' | 'memoryRatio' | 'encoderRatio' | 'decoderRatio'
>;

type ShareField = keyof PmonShare;

const wanted: ReadonlySet<string> = new Set<ShareField>([
  ...(['gpuIndex', 'pid', 'smRatio', 'memoryRatio'] as const),
  ...(['encoderRatio', 'decoderRatio'] as const),
]);
const isWanted = (field: string): field is ShareField => wanted.has(field);

/** A column has few texts: whole percents, a dash, some process ids. */
const mostKnownCells = 256;

interface ShareColumn {
  readonly at: number;
  readonly field: ShareField;
  read(cell: string): Value | null;
}

/** What only the parser of whole texts reads: escapes of terminals, foreign line ends, and a line without end. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const unusual = /[\r\n\u001b\ufeff]/;

/** Whether `createPmonShareReader` reads a line as `parseSmiPmon` does. */
export const isPlainPmonLine = (line: string): boolean => line.length <= longestLine && !unusual.test(line);

/**
 * Reads rows under one head, of one line or two: the columns are found once, and each cell's text is read once, since the
 * agent does this every few seconds on every host. Null: not a row of it. Never throws.
 */
export function createPmonShareReader(head: readonly string[]): (line: string) => PmonShare | null {
  const columns = scrollColumns(head);
  const shares = columns.flatMap(({ name, unit }, at): ShareColumn[] => {
    const [field, kind] = pmonFields.get(name) ?? [];
    if (field === undefined || kind === undefined || !isWanted(field)) return [];
    const known = new Map<string, Value | null>();
    const read = (cell: string): Value | null => {
      const before = known.get(cell);
      if (before !== undefined) return before;
      const reading = readValue(cell, kind, pmonNumeric.has(kind) ? unit : '');
      const value = reading.kind === 'value' ? reading.value : null;
      if (known.size < mostKnownCells) known.set(cell, value);
      return value;
    };
    return [{ at, field, read }];
  });
  return (line) => {
    const cells = cellsOf(line, columns, true);
    if (cells === null) return null;
    const told: Record<ShareField, number | null> = {
      gpuIndex: null,
      pid: null,
      smRatio: null,
      memoryRatio: null,
      encoderRatio: null,
      decoderRatio: null,
    };
    for (const { at, field, read } of shares) {
      const value = read(cells[at] ?? '');
      // Of two columns of one name the last that tells something counts.
      if (typeof value === 'number') told[field] = value;
    }
    const { gpuIndex } = told;
    return gpuIndex === null ? null : { ...told, gpuIndex };
  };
}
