import type { GpuProcess, MigDevice } from '../../model/index.ts';
import { numberIn } from '../narrow.ts';
import type { ProblemLog } from '../problems.ts';
import { isAbsent, readValue, type Value, type ValueKind } from '../values.ts';

/** A row of the table of MIG devices, with what the model has no place for. */
export interface TableMigDevice {
  readonly gpuIndex: number;
  readonly device: MigDevice;
  readonly extra: Readonly<Record<string, Value>>;
}

export interface TableProcess extends GpuProcess {
  readonly gpuIndex: number;
}

const pair = /^(\S+)\s*\/\s*(\S+)$/;
const idsCell = /^(\d{1,4})\s+(\d{1,5})\s+(\d{1,5})\s+(\d{1,5})$/;

/** Two rows of four cells; null where the first is no device. */
export function readMigRows(
  first: readonly string[],
  second: readonly string[],
  problems: ProblemLog,
): TableMigDevice | null {
  const [, gpu, gpuInstance, computeInstance, device] = idsCell.exec(first[0] ?? '') ?? [];
  if (gpu === undefined || device === undefined) return null;
  const index = Number(device);
  const read = (field: string, text: string | undefined, as: ValueKind): number | null => {
    if (text === undefined || text === '') return null;
    const reading = readValue(text, as);
    if (reading.kind === 'unrecognised')
      problems.add(`table:/mig[${gpu}/${index}]/${field}`, text, reading.message);
    return numberIn(reading);
  };
  const [, used, total] = pair.exec(first[1] ?? '') ?? [];
  const [, bar1Used, bar1Total] = pair.exec(second[1] ?? '') ?? [];
  const [multiprocessors, uncorrectable] = (first[2] ?? '').split(/\s+/);
  const told = {
    Bar1TotalBytes: read('bar1TotalBytes', bar1Total, 'bytes'),
    Bar1UsedBytes: read('bar1UsedBytes', bar1Used, 'bytes'),
    SramUncorrectable: read('sramUncorrectable', uncorrectable, 'count'),
    Multiprocessors: read('multiprocessors', multiprocessors, 'count'),
  };
  const extra = Object.entries(told).flatMap(([name, value]) =>
    value === null ? [] : [[`mig${index}${name}`, value] as const],
  );
  return {
    gpuIndex: Number(gpu),
    device: {
      index,
      gpuInstanceId: Number(gpuInstance),
      computeInstanceId: Number(computeInstance),
      uuid: null,
      profile: null,
      memory: {
        totalBytes: read('totalBytes', total, 'bytes'),
        usedBytes: read('usedBytes', used, 'bytes'),
        freeBytes: null,
      },
    },
    extra: Object.fromEntries(extra),
  };
}

/** With instances since R450, without a type up to R331. */
const withInstances =
  /^(\d{1,4})\s+(\d{1,5}|N\/A)\s+(\d{1,5}|N\/A)\s+(\d{1,10})\s+([A-Z+]{1,5})(?:\s+(.*?))?\s+(\S+)$/;
const withType = /^(\d{1,4})\s+(\d{1,10})\s+([A-Z+]{1,5})(?:\s+(.*?))?\s+(\S+)$/;
const plain = /^(\d{1,4})\s+(\d{1,10})(?:\s+(.*?))?\s+(\S+)$/;

/** One row of the table of processes; null where it is none. */
export function readProcessRow(row: string, problems: ProblemLog): TableProcess | null {
  const long = withInstances.exec(row);
  const middle = long === null ? withType.exec(row) : null;
  const short = long === null && middle === null ? plain.exec(row) : null;
  const [gpu, gpuInstance, computeInstance, pid, type, name, memory] =
    long !== null
      ? long.slice(1)
      : middle !== null
        ? [middle[1], undefined, undefined, ...middle.slice(2)]
        : short !== null
          ? [short[1], undefined, undefined, short[2], undefined, short[3], short[4]]
          : [];
  const read = (text: string | undefined, as: ValueKind): number | null => {
    if (text === undefined) return null;
    const reading = readValue(text, as);
    if (reading.kind === 'unrecognised') problems.add('table:/process', row, `${text} ${reading.message}`);
    return numberIn(reading);
  };
  const gpuIndex = read(gpu, 'index');
  const pidNumber = read(pid, 'pid');
  if (gpuIndex === null || pidNumber === null) return null;
  return {
    gpuIndex,
    pid: pidNumber,
    type: type ?? null,
    name: name === undefined || isAbsent(name) ? null : name,
    usedMemoryBytes: read(memory, 'bytes'),
    smRatio: null,
    gpuInstanceId: read(gpuInstance, 'index'),
    computeInstanceId: read(computeInstance, 'index'),
  };
}
