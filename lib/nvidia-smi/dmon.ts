import type { Failure, Problem } from '../model/index.ts';
import { type Draft, type GpuField, setField } from './draft.ts';
import { mostGpus, mostSamples } from './limits.ts';
import { numberIn } from './narrow.ts';
import { createProblemLog, noteUnknownColumn, type ProblemLog } from './problems.ts';
import { hasScrollHead, readScrolling, type ScrollRow } from './scrolling.ts';
import type { GpuPatch, SmiExtra } from './types.ts';
import { readValue, type Value, type ValueKind } from './values.ts';

/** One row of `nvidia-smi dmon`: one GPU at one moment, with the fields that were asked for. */
export interface DmonRow {
  readonly index: number;
  /** As printed, `20240104 13:54:35`; null without `-o DT`. */
  readonly timestamp: string | null;
  readonly gpu: GpuPatch;
  readonly extra: SmiExtra;
}

/** What `nvidia-smi dmon` printed. */
export interface SmiDmon {
  /** The newest row of each GPU, in the order in which they came. */
  readonly gpus: readonly DmonRow[];
  /** All rows, the newest 10,000 of a longer log. */
  readonly samples: readonly DmonRow[];
  readonly sampleCount: number;
  readonly problems: readonly Problem[];
  readonly failure: Failure | null;
}

interface DmonField {
  readonly to?: GpuField;
  readonly extra?: string;
  readonly as: ValueKind;
}

/** Columns by their head, R340 to R610. */
const fields: ReadonlyMap<string, DmonField> = new Map<string, DmonField>([
  ['pwr', { to: 'power.drawWatts', as: 'watts' }],
  ['temp', { to: 'temperature.gpuCelsius', as: 'celsius' }],
  ['gtemp', { to: 'temperature.gpuCelsius', as: 'celsius' }],
  ['mtemp', { to: 'temperature.memoryCelsius', as: 'celsius' }],
  ['sm', { to: 'utilization.gpuRatio', as: 'ratio' }],
  ['mem', { to: 'utilization.memoryRatio', as: 'ratio' }],
  ['enc', { to: 'utilization.encoderRatio', as: 'ratio' }],
  ['dec', { to: 'utilization.decoderRatio', as: 'ratio' }],
  ['jpg', { to: 'utilization.jpegRatio', as: 'ratio' }],
  ['ofa', { to: 'utilization.ofaRatio', as: 'ratio' }],
  ['mclk', { to: 'clocks.memoryHertz', as: 'hertz' }],
  ['pclk', { to: 'clocks.smHertz', as: 'hertz' }],
  ['fb', { to: 'memory.usedBytes', as: 'bytes' }],
  ['bar1', { to: 'bar1.usedBytes', as: 'bytes' }],
  ['ccpm', { extra: 'protectedMemoryUsedBytes', as: 'bytes' }],
  ['rxpci', { to: 'pcie.rxBytesPerSecond', as: 'bytesPerSecond' }],
  ['txpci', { to: 'pcie.txBytesPerSecond', as: 'bytesPerSecond' }],
  ['pviol', { extra: 'powerViolationRatio', as: 'looseRatio' }],
  ['tviol', { extra: 'hasThermalViolation', as: 'flag' }],
  ['sbecc', { to: 'ecc.aggregate.correctable', as: 'count' }],
  ['dbecc', { to: 'ecc.aggregate.uncorrectable', as: 'count' }],
  ['pci', { to: 'pcie.replays', as: 'count' }],
  ['gract', { extra: 'gract', as: 'looseRatio' }],
]);

/** A column that the table does not know is read by its unit. */
const kindsByUnit: ReadonlyMap<string, ValueKind> = new Map([
  ['%', 'looseRatio'],
  ['W', 'watts'],
  ['C', 'celsius'],
  ['MHz', 'hertz'],
  ['MB', 'bytes'],
  ['MB/s', 'bytesPerSecond'],
]);
/** `errs` and `bool` are words for people. */
const withoutUnit: ReadonlySet<ValueKind> = new Set(['count', 'flag', 'text']);

/** Whether a text begins with the head of `dmon`. */
export const isDmonHead = (text: string): boolean =>
  hasScrollHead(text, ['gpu']) && !hasScrollHead(text, ['pid']);

/** Reads what `nvidia-smi dmon` printed, of one or many samples. Never throws. */
export function parseSmiDmon(text: string): SmiDmon {
  const problems = createProblemLog();
  const newest = new Map<number, DmonRow>();
  const samples: DmonRow[] = [];
  let sampleCount = 0;
  const failure = readScrolling(text, { form: 'dmon', restIsLast: false, problems }, (scrolled) => {
    const row = readRow(scrolled, problems);
    if (row === null) return;
    sampleCount += 1;
    newest.set(row.index, row);
    samples.push(row);
    if (samples.length >= 2 * mostSamples) samples.splice(0, samples.length - mostSamples);
  });
  return {
    gpus: [...newest.values()].slice(0, mostGpus),
    samples: samples.slice(-mostSamples),
    sampleCount,
    problems: problems.list,
    failure,
  };
}

function readRow({ columns, cells }: ScrollRow, problems: ProblemLog): DmonRow | null {
  const gpu: Draft = {};
  const extra: Record<string, Value> = {};
  let date = '';
  let time = '';
  let index: number | null = null;
  columns.forEach(({ name, unit }, at) => {
    const cell = cells[at] ?? '';
    if (name === 'date') date = cell;
    else if (name === 'time') time = cell;
    else if (name === 'gpu') index = indexOf(cell, problems);
    else {
      const field = fields.get(name);
      if (field === undefined) noteUnknownColumn(problems, 'dmon', { name, unit });
      const as = field?.as ?? kindsByUnit.get(unit) ?? 'text';
      const reading = readValue(cell, as, withoutUnit.has(as) ? '' : unit);
      if (reading.kind === 'unrecognised') problems.add(`dmon:${name}`, cell, reading.message);
      const value = reading.kind === 'value' ? reading.value : null;
      if (field?.to !== undefined) setField(gpu, field.to, value);
      else if (value !== null) extra[field?.extra ?? name] = value;
    }
  });
  if (index === null) return null;
  return { index, timestamp: `${date} ${time}`.trim() || null, gpu: gpu as GpuPatch, extra };
}

function indexOf(cell: string, problems: ProblemLog): number | null {
  const reading = readValue(cell, 'index');
  if (reading.kind === 'unrecognised') problems.add('dmon:gpu', cell, reading.message);
  return numberIn(reading);
}
