import type { Problem } from '../../../lib/model/index.ts';
import type { SmiDocument } from '../../../lib/nvidia-smi/index.ts';
import type { HostAccess } from '../../access/host-access.ts';
import { type Clock, isoNow } from '../clock.ts';
import { createPacer } from '../pacer.ts';
import type { PciReading } from '../pci/index.ts';
import type { Outcome, Source } from '../source.ts';
import { fingerprint } from './change.ts';
import { type Condition, conditionOf } from './condition.ts';
import { createLookout } from './lookout.ts';
import { type DatedDocument, type MergedGpu, type MergeInput, mergeGpus } from './merge.ts';
import { createOffBus } from './off-bus.ts';
import { createRawReader, type RawGpus } from './raw.ts';
import { createDocumentReader, withLostGpu } from './read.ts';
import { backOffSeconds, createForkedSampler, createHeldSampler } from './sampler.ts';
import { createSamples } from './samples.ts';
import { sampleDeadlineSeconds } from './stream.ts';

export interface GpusOptions {
  readonly access: HostAccess;
  readonly clock: Clock;
  readonly intervalSeconds: number;
  readonly nvidiaSmiPath: string | null;
  readonly hold: boolean;
  readonly documentIntervalSeconds: number | null;
  readonly documentSource: Source;
  readonly streamSource: Source;
  /** Awaited before a document counts, so that its processes come with their owners. */
  readonly onDocument: (document: SmiDocument) => Promise<void>;
  readonly onSample: () => void;
  /** What the PCI bus holds; null where that is not known. */
  readonly pci: () => PciReading | null;
}

export interface GpusView extends Condition {
  readonly gpus: readonly MergedGpu[];
  readonly driverVersion: string | null;
  readonly cudaVersion: string | null;
  readonly problems: readonly Problem[];
}

export interface Gpus {
  /** Resolves after the first document and the first sample, or what came instead. */
  start(): Promise<void>;
  setIntervalSeconds(seconds: number): void;
  /** Reads the document soon: something else of the host says that it changed. */
  refresh(): void;
  view(): GpusView;
  /** The texts that the values of the view were read from. */
  raw(): RawGpus;
  stop(): Promise<void>;
}

const longestRetrySeconds = 10;
/** After one of these there is nothing that a stream could show. */
const wholeHostCodes: readonly string[] = [
  'driver-not-loaded',
  'version-mismatch',
  'no-devices',
  'insufficient-permissions',
  'library-missing',
  'command-not-found',
  'timeout',
];

/** The GPUs: the slow document for what they are, the stream for what they do. */
export function createGpus(options: GpusOptions): Gpus {
  const { access, clock } = options;
  const reader = createDocumentReader(access, options.nvidiaSmiPath);
  let { intervalSeconds } = options;
  let latest: DatedDocument | null = null;
  let outcome: Outcome<SmiDocument> | null = null;
  let failures = 0;
  let stopped = false;

  const offBus = createOffBus();
  const lookout = createLookout(clock, (withinSeconds) => documents.hurry(withinSeconds));
  const samples = createSamples({
    clock,
    source: options.streamSource,
    intervalSeconds: () => intervalSeconds,
    document: () => latest?.document ?? null,
    onSample: options.onSample,
    onHint: lookout.hint,
  });
  const sampler = (options.hold ? createHeldSampler : createForkedSampler)(
    access,
    intervalSeconds,
    samples.events,
  );

  const secondsToNextDocument = (): number => {
    if (failures > 0) return Math.min(longestRetrySeconds, 2 * backOffSeconds(failures));
    // Where the stream cannot be had, the documents are all there is.
    if (samples.failure !== null) return Math.max(intervalSeconds, 5);
    return options.documentIntervalSeconds ?? usualDocumentSeconds(intervalSeconds);
  };
  /** True when it says nothing new. */
  const take = async (document: SmiDocument): Promise<boolean> => {
    await options.onDocument(document);
    const isSame = latest !== null && fingerprint(latest.document) === fingerprint(document);
    latest = dated(document, reader.printed, clock);
    offBus.note(document.gpus.map(({ gpu }) => gpu));
    return isSame;
  };
  const steerSampler = async (read: Outcome<SmiDocument>): Promise<void> => {
    const isUseless = read.state !== 'ok' && wholeHostCodes.includes(read.failure?.code ?? '');
    if (isUseless) samples.giveUp();
    // A stream that still delivers (the driver's files were replaced under it) is left alone.
    if (isUseless && samples.newest.size === 0) await sampler.halt();
    else if (reader.program !== null && (read.state === 'ok' || samples.failure === null))
      sampler.start(reader.program);
  };
  const documents = createPacer(async () => {
    lookout.begin();
    const read = await options.documentSource.measure(reader.command, () => reader.read());
    lookout.end(read.state === 'ok' && (await take(read.value)));
    if (read.state !== 'ok' && latest !== null)
      latest = { ...latest, document: withLostGpu(latest.document, read.failure) };
    outcome = read;
    failures = read.state === 'ok' ? 0 : failures + 1;
    if (!stopped) await steerSampler(read);
    return secondsToNextDocument();
  });
  const toMerge = (): MergeInput => ({
    latest,
    detailsAreCurrent: outcome?.state === 'ok',
    samples: samples.newest,
    nowSeconds: clock.monotonicSeconds(),
    freshSeconds: samples.failure?.outcome.state === 'hung' ? -1 : sampleDeadlineSeconds(intervalSeconds),
  });
  const merged = (): MergedGpu[] =>
    mergeGpus(toMerge()).map((each) => withEnergy(each, samples.energyJoules(each.gpu.uuid ?? '')));
  const raw = createRawReader();
  /** A bus that changed after nvidia-smi was asked says nothing of what nvidia-smi told. */
  const missing = (named: readonly MergedGpu[]): MergedGpu[] => {
    const bus = options.pci();
    if (bus === null || latest === null || bus.sinceSeconds > latest.sampledSeconds) return [];
    return offBus.missing(bus.gpus, named, latest.sampledAt);
  };
  const gpusIn = ({ condition }: Condition): readonly MergedGpu[] => {
    if (condition === 'no-devices') return [];
    const named = merged();
    return condition === 'ok' ? [...named, ...missing(named)] : named;
  };

  return {
    start: () => documents.start().then(() => samples.first),
    setIntervalSeconds(seconds) {
      intervalSeconds = seconds;
      sampler.setIntervalSeconds(seconds);
      documents.hurry(secondsToNextDocument());
    },
    refresh: lookout.hint,
    view() {
      const onBus = options.pci()?.gpus.filter(({ driver }) => driver === 'nvidia').length ?? null;
      const condition = conditionOf(outcome, latest?.sampledSeconds ?? null, samples.failure, onBus);
      return {
        ...condition,
        gpus: gpusIn(condition),
        driverVersion: latest?.document.driverVersion ?? null,
        cudaVersion: latest?.document.cudaVersion ?? null,
        problems: [...(latest?.document.problems ?? []), ...sampler.problems],
      };
    },
    raw: () => raw.read(toMerge()),
    async stop() {
      stopped = true;
      samples.giveUp();
      await Promise.all([sampler.halt(), documents.stop()]);
    },
  };
}

const dated = (document: SmiDocument, printed: string, clock: Clock): DatedDocument => ({
  document,
  printed,
  sampledAt: isoNow(clock),
  sampledSeconds: clock.monotonicSeconds(),
});

const usualDocumentSeconds = (intervalSeconds: number): number => (intervalSeconds <= 2 ? 10 : 30);

function withEnergy(each: MergedGpu, energyJoules: number | null): MergedGpu {
  const isMeasured = each.state === 'ok' && each.gpu.power.drawWatts !== null;
  return isMeasured ? { ...each, gpu: { ...each.gpu, energyJoules } } : each;
}
