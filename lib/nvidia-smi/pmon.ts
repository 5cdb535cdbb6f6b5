import type { Failure, GpuProcess, Problem } from '../model/index.ts';
import { mostSamples } from './limits.ts';
import { numberOf, textOf } from './narrow.ts';
import { createProblemLog, noteUnknownColumn, type ProblemLog } from './problems.ts';
import { hasScrollHead, readScrolling, type ScrollRow } from './scrolling.ts';
import { readValue, type Value, type ValueKind } from './values.ts';

/** One row of `nvidia-smi pmon`: one process on one GPU at one moment. */
export interface PmonRow {
  readonly gpuIndex: number;
  /** As printed, `20240104 13:54:35`; null without `-o DT`. */
  readonly timestamp: string | null;
  /** Null: nothing runs on this GPU. */
  readonly pid: number | null;
  readonly type: string | null;
  readonly name: string | null;
  readonly usedMemoryBytes: number | null;
  readonly smRatio: number | null;
  readonly memoryRatio: number | null;
  readonly encoderRatio: number | null;
  readonly decoderRatio: number | null;
  readonly jpegRatio: number | null;
  readonly ofaRatio: number | null;
}

/** What `nvidia-smi pmon` printed. */
export interface SmiPmon {
  /** Indexes of the GPUs that were watched, in the order in which they came. */
  readonly gpuIndexes: readonly number[];
  /** The newest sample's processes with their GPU. */
  readonly processes: readonly (GpuProcess & { readonly gpuIndex: number })[];
  /** All rows, the newest 10,000 of a longer log. */
  readonly samples: readonly PmonRow[];
  readonly sampleCount: number;
  readonly problems: readonly Problem[];
  readonly failure: Failure | null;
}

type Field = Exclude<keyof PmonRow, 'timestamp'>;

/** Columns by their head, R340 to R610. */
export const pmonFields: ReadonlyMap<string, readonly [Field, ValueKind]> = new Map([
  ['gpu', ['gpuIndex', 'index']],
  ['pid', ['pid', 'pid']],
  ['type', ['type', 'text']],
  ['fb', ['usedMemoryBytes', 'bytes']],
  ['sm', ['smRatio', 'ratio']],
  ['mem', ['memoryRatio', 'ratio']],
  ['enc', ['encoderRatio', 'ratio']],
  ['dec', ['decoderRatio', 'ratio']],
  ['jpg', ['jpegRatio', 'ratio']],
  ['ofa', ['ofaRatio', 'ratio']],
  ['command', ['name', 'text']],
  // As other versions and copies head it.
  ['process', ['name', 'text']],
  ['name', ['name', 'text']],
]);
/** Heads whose values have no place here: memory that confidential computing protects. */
const known = new Set(['date', 'time', 'ccpm']);
/** A unit of these is a word for people: `Idx`, `C/G`, `name`. */
export const pmonNumeric: ReadonlySet<ValueKind> = new Set(['bytes', 'ratio']);

/** Whether a text begins with the head of `pmon`. */
export const isPmonHead = (text: string): boolean => hasScrollHead(text, ['gpu', 'pid']);

/** Reads what `nvidia-smi pmon` printed, of one or many samples. Never throws. */
export function parseSmiPmon(text: string): SmiPmon {
  const problems = createProblemLog();
  const gpuIndexes = new Set<number>();
  const samples: PmonRow[] = [];
  let newest = new Map<string, PmonRow>();
  let lastIndex = -1;
  let sampleCount = 0;
  const failure = readScrolling(text, { form: 'pmon', restIsLast: true, problems }, (scrolled) => {
    const row = readRow(scrolled, problems);
    if (row === null) return;
    sampleCount += 1;
    gpuIndexes.add(row.gpuIndex);
    // A sample has its GPUs in their order and each process once: what comes again begins the next.
    const key = `${row.gpuIndex} ${row.pid}`;
    if (row.gpuIndex < lastIndex || newest.has(key)) newest = new Map();
    lastIndex = row.gpuIndex;
    newest.set(key, row);
    samples.push(row);
    if (samples.length >= 2 * mostSamples) samples.splice(0, samples.length - mostSamples);
  });
  return {
    gpuIndexes: [...gpuIndexes],
    processes: [...newest.values()].flatMap((row) => processOf(row) ?? []),
    samples: samples.slice(-mostSamples),
    sampleCount,
    problems: problems.list,
    failure,
  };
}

function readRow({ columns, cells }: ScrollRow, problems: ProblemLog): PmonRow | null {
  const told: Partial<Record<Field, Value>> = {};
  let date = '';
  let time = '';
  columns.forEach(({ name, unit }, at) => {
    const cell = cells[at] ?? '';
    if (name === 'date') date = cell;
    if (name === 'time') time = cell;
    const field = pmonFields.get(name);
    if (field === undefined) {
      if (!known.has(name)) noteUnknownColumn(problems, 'pmon', { name, unit });
      return;
    }
    const reading = readValue(cell, field[1], pmonNumeric.has(field[1]) ? unit : '');
    if (reading.kind === 'value') told[field[0]] = reading.value;
    if (reading.kind === 'unrecognised') problems.add(`pmon:${name}`, cell, reading.message);
  });
  const number = (field: Field): number | null => numberOf(told[field]);
  const words = (field: Field): string | null => textOf(told[field]);
  const gpuIndex = number('gpuIndex');
  if (gpuIndex === null) return null;
  return {
    gpuIndex,
    timestamp: `${date} ${time}`.trim() || null,
    pid: number('pid'),
    type: words('type'),
    name: words('name'),
    usedMemoryBytes: number('usedMemoryBytes'),
    smRatio: number('smRatio'),
    memoryRatio: number('memoryRatio'),
    encoderRatio: number('encoderRatio'),
    decoderRatio: number('decoderRatio'),
    jpegRatio: number('jpegRatio'),
    ofaRatio: number('ofaRatio'),
  };
}

function processOf({ gpuIndex, pid, type, name, usedMemoryBytes, smRatio }: PmonRow) {
  if (pid === null) return null;
  const instances = { gpuInstanceId: null, computeInstanceId: null };
  return { gpuIndex, pid, type, name, usedMemoryBytes, smRatio, ...instances };
}
