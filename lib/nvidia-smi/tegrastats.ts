import type { Problem } from '../model/index.ts';
import { longestLine, mostSamples } from './limits.ts';
import { numberIn } from './narrow.ts';
import { eachLine, plainText } from './plain-text.ts';
import { createProblemLog, type ProblemLog } from './problems.ts';
import { readValue, type ValueKind } from './values.ts';

/** One line of `tegrastats`: a Jetson at one moment. */
export interface TegrastatsRow {
  /** As printed, in the host's local time: `11-14-2024 22:54:33`; null on older releases. */
  readonly timestamp: string | null;
  /** Memory that CPU and GPU share. */
  readonly memoryUsedBytes: number | null;
  readonly memoryTotalBytes: number | null;
  readonly swapUsedBytes: number | null;
  readonly swapTotalBytes: number | null;
  readonly gpuRatio: number | null;
  readonly gpuHertz: number | null;
  readonly memoryControllerRatio: number | null;
  readonly memoryHertz: number | null;
  /** By sensor, in small letters: `gpu`, `cpu`, `tj`. */
  readonly temperaturesCelsius: Readonly<Record<string, number>>;
  /** By rail: `VDD_IN`, `VDD_CPU_GPU_CV`. */
  readonly railsWatts: Readonly<Record<string, number>>;
}

/** What `tegrastats` printed. */
export interface Tegrastats {
  /** Rows as they came, the newest 10,000 of a longer log. */
  readonly samples: readonly TegrastatsRow[];
  readonly sampleCount: number;
  readonly problems: readonly Problem[];
}

const rowStart = /^(?:\d{2}-\d{2}-\d{4} \d{2}:\d{2}:\d{2} )?RAM \d{1,8}\/\d{1,8}MB\b/;
const mostNames = 64;

/** Whether the first line of a text is one of `tegrastats`. */
export function isTegrastatsText(text: string): boolean {
  for (const { text: line } of eachLine(text.slice(0, 65_536)))
    if (line.trim() !== '') return rowStart.test(line.trim());
  return false;
}

/** Reads what `tegrastats` printed, a sample a line. Never throws. */
export function parseTegrastats(text: string): Tegrastats {
  const problems = createProblemLog();
  const samples: TegrastatsRow[] = [];
  let sampleCount = 0;
  for (const { text: line, isEnded } of eachLine(plainText(text))) {
    const trimmed = line.trim();
    if (trimmed === '') continue;
    if (!isEnded) problems.add('tegrastats:', trimmed, 'has no line end: it may be cut and was not read');
    else if (line.length > longestLine || !rowStart.test(trimmed))
      problems.add('tegrastats:', trimmed, 'is no sample');
    else {
      samples.push(readRow(trimmed, problems));
      sampleCount += 1;
      if (samples.length >= 2 * mostSamples) samples.splice(0, samples.length - mostSamples);
    }
  }
  return { samples: samples.slice(-mostSamples), sampleCount, problems: problems.list };
}

function readRow(line: string, problems: ProblemLog): TegrastatsRow {
  const number = (text: string | undefined, as: ValueKind, unit: string): number | null => {
    if (text === undefined) return null;
    const reading = readValue(text, as, unit);
    if (reading.kind === 'unrecognised') problems.add('tegrastats:', text, reading.message);
    return numberIn(reading);
  };
  const [, used, total] = /\bRAM (\d+)\/(\d+)MB\b/.exec(line) ?? [];
  const [, swapUsed, swapTotal] = /\bSWAP (\d+)\/(\d+)MB\b/.exec(line) ?? [];
  // `45%`, `45%@621`, and from JetPack 5 on `63%@[621]`, one number a cluster.
  const [, load, clock] = /\bGR3D_FREQ (\d{1,3})%(?:@\[?(\d{1,5}))?/.exec(line) ?? [];
  const [, emc, emcClock] = /\bEMC_FREQ (\d{1,3})%(?:@\[?(\d{1,5}))?/.exec(line) ?? [];
  const temperatures: Record<string, number> = {};
  for (const [, name = '', text] of line.matchAll(
    /(?<=\s)([A-Za-z][A-Za-z0-9]{0,20})@(-?\d{1,4}(?:\.\d{1,4})?)C\b/g,
  )) {
    const celsius = number(text, 'celsius', 'C');
    if (celsius !== null && Object.keys(temperatures).length < mostNames)
      temperatures[name.toLowerCase()] = celsius;
  }
  const rails: Record<string, number> = {};
  // The number before the stroke is of this moment, the one behind it the average; milliwatts, with or without a unit.
  for (const [, name = '', text] of line.matchAll(
    /(?<=\s)(V[A-Z0-9_]{2,30}) (\d{1,8})(?:mW)?(?:\/\d{1,8}(?:mW)?)?(?=\s|$)/g,
  )) {
    const watts = number(`${text} mW`, 'watts', '');
    if (watts !== null && Object.keys(rails).length < mostNames) rails[name] = watts;
  }
  return {
    timestamp: /^\d{2}-\d{2}-\d{4} \d{2}:\d{2}:\d{2}/.exec(line)?.[0] ?? null,
    memoryUsedBytes: number(used, 'bytes', 'MB'),
    memoryTotalBytes: number(total, 'bytes', 'MB'),
    swapUsedBytes: number(swapUsed, 'bytes', 'MB'),
    swapTotalBytes: number(swapTotal, 'bytes', 'MB'),
    gpuRatio: number(load, 'ratio', '%'),
    gpuHertz: number(clock, 'hertz', 'MHz'),
    memoryControllerRatio: number(emc, 'ratio', '%'),
    memoryHertz: number(emcClock, 'hertz', 'MHz'),
    temperaturesCelsius: temperatures,
    railsWatts: rails,
  };
}
