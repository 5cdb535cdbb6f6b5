import { type Gpu, type GpuState, powerWattsOf } from '../../../lib/model/index.ts';
import type { ParsedFile } from './form.ts';

const none = '–';
const longestName = 100;
/** Terminal control characters in a captured text must not reach the terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const control = /[\u0000-\u001f\u007f-\u009f]+/g;

function shown(value: unknown): string {
  return value === null || value === undefined ? none : String(value).replaceAll(control, ' ');
}

function percent(ratio: number | null): string {
  return ratio === null ? none : `${Math.round(ratio * 100)} %`;
}

function mebibytes(bytes: number | null): string {
  return bytes === null ? none : `${Math.round(bytes / 1_048_576)} MiB`;
}

function unit(value: number | null, name: string): string {
  return value === null ? none : `${value} ${name}`;
}

/** Columns of equal width, two spaces apart. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, position) => {
      widths[position] = Math.max(widths[position] ?? 0, cell.length);
    });
  }
  return rows.map((row) =>
    row
      .map((cell, position) => cell.padEnd(widths[position] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function gpuRow(gpu: Gpu, state: GpuState | null): string[] {
  const { memory, power } = gpu;
  return [
    shown(gpu.index),
    shown(gpu.name),
    shown(state),
    percent(gpu.utilization.gpuRatio),
    `${mebibytes(memory.usedBytes)} / ${mebibytes(memory.totalBytes)}`,
    unit(gpu.temperature.gpuCelsius, '°C'),
    `${unit(powerWattsOf(gpu), 'W')} / ${unit(power.limitWatts, 'W')}`,
    shown(gpu.uuid),
  ];
}

const common = new Set([
  'kind',
  'gpus',
  'gpuStates',
  'extra',
  'processes',
  'problems',
  'failure',
  'timestamps',
]);

/** Single values, and for a container its name and image. */
function facts(file: ParsedFile): string[] {
  return Object.entries(file)
    .filter(([key, value]) => !common.has(key) && value !== null && typeof value !== 'object')
    .map(([key, value]) => `  ${key}: ${shown(value)}`);
}

const longestMeaning = 90;

/** Xids of a kernel log, one line each GPU and number; other lists by how many they hold. */
function lists(file: ParsedFile): string[] {
  return Object.entries(file).flatMap(([key, value]) => {
    if (common.has(key) || !Array.isArray(value) || value.length === 0) return [];
    if (key !== 'xids') return [`  ${key}: ${value.length}`];
    const rows = (value as readonly Record<string, unknown>[]).map((each) => [
      shown(each['xid']),
      shown(each['pciBusId']),
      shown(each['count']),
      shown(each['severity']),
      shown(each['meaning']).slice(0, longestMeaning),
    ]);
    return columns([['Xid', 'GPU', 'count', 'severity', 'meaning'], ...rows]).map((line) => `  ${line}`);
  });
}

/** One parsed file for a person: what it is, its GPUs and processes, and what was wrong. */
export function describeFile(name: string, file: ParsedFile): string {
  const lines = [`${shown(name)}: ${file.kind}`, ...facts(file)];
  if (file.gpus.length > 0) {
    const head = ['GPU', 'name', 'state', 'use', 'memory', 'temp', 'power', 'uuid'];
    const rows = file.gpus.map((gpu, position) => gpuRow(gpu, file.gpuStates[position]?.state ?? null));
    lines.push(...columns([head, ...rows]).map((line) => `  ${line}`));
  }
  if (file.processes.length > 0) {
    const head = ['pid', 'type', 'memory', 'GPU', 'name'];
    const rows = file.processes.map((process) => [
      String(process.pid),
      shown(process.type),
      mebibytes(process.usedMemoryBytes),
      shown(process.gpuIndex ?? process.gpuUuid),
      shown(process.name).slice(0, longestName),
    ]);
    lines.push(...columns([head, ...rows]).map((line) => `  ${line}`));
  }
  lines.push(...lists(file));
  if (file.failure !== null) lines.push(`  failure ${file.failure.code}: ${shown(file.failure.message)}`);
  for (const { field, text, message } of file.problems) {
    lines.push(`  problem ${shown(field)}: "${shown(text)}" ${shown(message)}`);
  }
  return `${lines.join('\n')}\n`;
}
