import type { GpuProcess, NewField, Problem } from '../../../lib/model/index.ts';
import type { SmiDocument } from '../../../lib/nvidia-smi/index.ts';
import { type Clock, isoNow } from '../clock.ts';
import type { PciReading } from '../pci/index.ts';
import { type Condition, conditionOf } from './condition.ts';
import type { Documents } from './documents.ts';
import { type MergedGpu, type MergeInput, mergeGpus } from './merge.ts';
import { createOffBus } from './off-bus.ts';
import { createRawReader, type RawGpus } from './raw.ts';
import type { Samples } from './samples.ts';
import { sampleDeadlineSeconds } from './stream.ts';

export interface GpusView extends Condition {
  readonly gpus: readonly MergedGpu[];
  readonly driverVersion: string | null;
  readonly cudaVersion: string | null;
  readonly problems: readonly Problem[];
}

export interface ViewOptions {
  readonly clock: Clock;
  readonly documents: Documents;
  readonly samples: Samples;
  readonly pci: () => PciReading | null;
  readonly newFields: (uuid: string) => readonly NewField[] | undefined;
  readonly intervalSeconds: () => number;
  readonly samplerProblems: () => readonly Problem[];
  /** `paused`: the GPUs are let go. `resuming`: they were, and nothing was read since. */
  readonly phase: () => 'reading' | 'paused' | 'resuming';
}

/** What is known of the GPUs at this moment, from documents, samples and the bus. */
export interface View {
  read(): GpusView;
  /** The same without the GPUs. */
  condition(): Condition;
  /** Of the GPUs that can be read, without all the rest: asked every few seconds beside the reports. */
  processes(): readonly GpuProcess[];
  /** The texts that the values were read from. */
  raw(): RawGpus;
}

export function createView(options: ViewOptions): View {
  const { clock, documents, samples } = options;
  const offBus = createOffBus();
  let noted: SmiDocument | null = null;
  const rawReader = createRawReader();
  const toMerge = (): MergeInput => ({
    latest: documents.latest,
    detailsAreCurrent: documents.outcome?.state === 'ok',
    samples: samples.newest,
    nowSeconds: clock.monotonicSeconds(),
    freshSeconds:
      options.phase() !== 'reading' || samples.failure?.outcome.state === 'hung'
        ? -1
        : sampleDeadlineSeconds(options.intervalSeconds()),
  });
  const named = (): MergedGpu[] =>
    mergeGpus(toMerge()).map((each) => {
      const newFields = each.state === 'ok' ? options.newFields(each.gpu.uuid ?? '') : undefined;
      const measured = withEnergy(each, samples.energyJoules(each.gpu.uuid ?? ''));
      return newFields === undefined || newFields.length === 0 ? measured : { ...measured, newFields };
    });
  /** A bus that changed after nvidia-smi was asked says nothing of what nvidia-smi told. */
  const missing = (told: readonly MergedGpu[]): MergedGpu[] => {
    const bus = options.pci();
    const { latest } = documents;
    if (latest !== null && latest.document !== noted) offBus.note(latest.document.gpus.map(({ gpu }) => gpu));
    noted = latest?.document ?? null;
    if (bus === null || latest === null || bus.sinceSeconds > latest.sampledSeconds) return [];
    return offBus.missing(bus.gpus, told, latest.sampledAt);
  };
  const gpusIn = ({ condition }: Condition): readonly MergedGpu[] => {
    const told = condition === 'no-devices' ? [] : named();
    if (condition === 'ok') return [...told, ...missing(told)];
    const bus = options.pci();
    // Let go of, a card may be taken out or passed on: that is no fault.
    if (bus === null || options.phase() !== 'reading') return told;
    return offBus.withFallen(bus.gpus, told, isoNow(clock));
  };
  const conditionNow = (): Condition => {
    const bus = options.pci();
    const bound = bus?.gpus.filter(({ driver }) => driver === 'nvidia') ?? [];
    // A host whose only GPU left the bus is none without GPUs.
    const onBus = bus === null ? null : bound.length + offBus.fallenFrom(bus.gpus).length;
    const phase = options.phase();
    if (phase !== 'reading') return { condition: phase === 'paused' ? 'paused' : 'starting', failure: null };
    const seconds = documents.latest?.sampledSeconds ?? null;
    return conditionOf(documents.outcome, seconds, samples.failure, onBus);
  };
  return {
    condition: conditionNow,
    read() {
      const { latest } = documents;
      const condition = conditionNow();
      return {
        ...condition,
        gpus: gpusIn(condition),
        driverVersion: latest?.document.driverVersion ?? null,
        cudaVersion: latest?.document.cudaVersion ?? null,
        problems: [...(latest?.document.problems ?? []), ...options.samplerProblems()],
      };
    },
    processes() {
      const { latest, outcome } = documents;
      if (latest === null || outcome?.state !== 'ok' || options.phase() !== 'reading') return [];
      return latest.document.gpus.flatMap(({ gpu, state }) => (state === 'ok' ? gpu.processes : []));
    },
    raw: () => rawReader.read(toMerge()),
  };
}

function withEnergy(each: MergedGpu, energyJoules: number | null): MergedGpu {
  const isMeasured = each.state === 'ok' && each.gpu.power.drawWatts !== null;
  return isMeasured ? { ...each, gpu: { ...each.gpu, energyJoules } } : each;
}
