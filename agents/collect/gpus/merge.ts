import type { Failure, Gpu, GpuState, NewField } from '../../../lib/model/index.ts';
import type { QueryGpuRow, SmiDocument, SmiGpu } from '../../../lib/nvidia-smi/index.ts';
import { emptyGpu, mergeGpu } from '../../../lib/nvidia-smi/index.ts';
import type { PrintedRow } from './stream.ts';

/** The newest row of one GPU and when it came. */
export interface Sample {
  readonly row: QueryGpuRow;
  /** Null when no line says it: the GPU was told to be lost. */
  readonly printed: PrintedRow | null;
  readonly sampledAt: string;
  readonly sampledSeconds: number;
}

export interface DatedDocument {
  readonly document: SmiDocument;
  /** As printed, for those who ask where a value came from; read again only then. */
  readonly printed: string;
  readonly sampledAt: string;
  readonly sampledSeconds: number;
}

export interface MergedGpu {
  readonly gpu: Gpu;
  readonly state: GpuState;
  readonly failure: Failure | null;
  readonly sampledAt: string;
  readonly detailsSampledAt: string | null;
  readonly detailsMemoryUsedBytes: number | null;
  readonly newFields?: readonly NewField[] | undefined;
}

export interface MergeInput {
  readonly latest: DatedDocument | null;
  /** False after a document that failed: what the older one read is known no more, but for what the stream tells. */
  readonly detailsAreCurrent: boolean;
  readonly samples: ReadonlyMap<string, Sample>;
  readonly nowSeconds: number;
  /** How old moving numbers may be to be shown as now; negative: none may, the driver hangs. */
  readonly freshSeconds: number;
}

/** Every GPU that the host is known to have, with only those numbers that are still true. */
export function mergeGpus(input: MergeInput): MergedGpu[] {
  const { latest, samples } = input;
  const known = latest?.document.gpus ?? [];
  const named = new Set(known.map(({ gpu }) => gpu.uuid));
  const merged = known.map((each) => mergeOne(each, samples.get(each.gpu.uuid ?? ''), input));
  samples.forEach((sample, uuid) => {
    if (named.has(uuid) || !isFresh(sample.sampledSeconds, input)) return;
    // A newer document that leaves it out knows better.
    if (sample.sampledSeconds <= (latest?.sampledSeconds ?? 0)) return;
    const unseen: SmiGpu = { gpu: { ...emptyGpu(), uuid }, state: 'ok', failure: null, extra: {} };
    merged.push(mergeOne(unseen, sample, { ...input, latest: null }));
  });
  return merged;
}

function mergeOne(known: SmiGpu, sample: Sample | undefined, input: MergeInput): MergedGpu {
  const { latest, detailsAreCurrent } = input;
  const identity = sample === undefined ? known.gpu : withIndex(known.gpu, sample);
  const described = detailsAreCurrent ? identity : withoutReadings(identity);
  const details = {
    detailsSampledAt: latest?.sampledAt ?? null,
    detailsMemoryUsedBytes: latest !== null && detailsAreCurrent ? known.gpu.memory.usedBytes : null,
  };
  const newest = sample !== undefined && sample.sampledSeconds >= (latest?.sampledSeconds ?? 0);
  if (sample !== undefined && isFresh(sample.sampledSeconds, input)) {
    const { state, failure } = newest || known.state === 'ok' ? sample.row : known;
    const gpu = state === 'ok' ? mergeGpu(described, sample.row.gpu) : withoutReadings(identity);
    return { gpu, state, failure, sampledAt: sample.sampledAt, ...details };
  }
  const documentIsFresh = latest !== null && detailsAreCurrent && isFresh(latest.sampledSeconds, input);
  return {
    gpu: documentIsFresh && known.state === 'ok' ? described : withoutReadings(described),
    state: known.state,
    failure: known.failure,
    sampledAt: newest && !documentIsFresh ? sample.sampledAt : (latest?.sampledAt ?? sample?.sampledAt ?? ''),
    ...details,
  };
}

export function isFresh(
  sampledSeconds: number,
  { nowSeconds, freshSeconds }: Pick<MergeInput, 'nowSeconds' | 'freshSeconds'>,
): boolean {
  return nowSeconds - sampledSeconds <= freshSeconds;
}

/** The document has no index; the stream has. */
const withIndex = (gpu: Gpu, { row: { index } }: Sample): Gpu =>
  index === null || index === gpu.index ? gpu : { ...gpu, index };

/** Only what a GPU is (identity, limits, settings); everything it does is null. */
export function withoutReadings(gpu: Gpu): Gpu {
  const nothing = emptyGpu();
  return {
    ...gpu,
    processes: [],
    migDevices: gpu.migDevices.map((device) => ({
      ...device,
      memory: { ...device.memory, usedBytes: null, freeBytes: null },
    })),
    performanceState: null,
    utilization: nothing.utilization,
    memory: { ...nothing.memory, totalBytes: gpu.memory.totalBytes },
    bar1: { ...nothing.bar1, totalBytes: gpu.bar1.totalBytes },
    temperature: { ...gpu.temperature, gpuCelsius: null, memoryCelsius: null },
    power: { ...gpu.power, drawWatts: null, averageWatts: null, instantWatts: null },
    clocks: { ...gpu.clocks, graphicsHertz: null, smHertz: null, memoryHertz: null, videoHertz: null },
    fanRatio: null,
    throttleReasons: null,
    pcie: {
      ...gpu.pcie,
      generation: null,
      width: null,
      txBytesPerSecond: null,
      rxBytesPerSecond: null,
      replays: null,
    },
    ecc: nothing.ecc,
    remappedRows: nothing.remappedRows,
    retiredPages: nothing.retiredPages,
    recoveryAction: null,
    fabric: nothing.fabric,
    energyJoules: null,
  };
}
