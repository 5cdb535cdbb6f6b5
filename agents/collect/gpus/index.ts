import type { GpuCondition, GpuProcess } from '../../../lib/model/index.ts';
import type { SmiDocument } from '../../../lib/nvidia-smi/index.ts';
import type { HostAccess } from '../../access/host-access.ts';
import type { Clock } from '../clock.ts';
import type { SampleEvent } from '../options.ts';
import { createPacer } from '../pacer.ts';
import type { Hold } from '../pauses/index.ts';
import type { PciReading } from '../pci/index.ts';
import type { Outcome, Source } from '../source.ts';
import { createDocuments, type Documents } from './documents.ts';
import { createFieldChoice, createFieldDiscovery } from './field-choice.ts';
import { createLookout } from './lookout.ts';
import { createNewFields } from './new-fields.ts';
import type { RawGpus } from './raw.ts';
import { backOffSeconds, createForkedSampler, createHeldSampler, type Sampler } from './sampler.ts';
import { createSamples, type Samples } from './samples.ts';
import { createView, type GpusView } from './view.ts';

export type { GpusView } from './view.ts';

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
  readonly onDocument: (document: SmiDocument, program: string | null) => Promise<void>;
  readonly onSample: (event: SampleEvent) => void;
  /** Told what the agent did by itself. */
  readonly onNote: (text: string) => void;
  /** What the PCI bus holds; null where that is not known. */
  readonly pci: () => PciReading | null;
}

export interface Gpus {
  /** Resolves after the first document and the first sample, or what came instead. */
  start(): Promise<void>;
  setIntervalSeconds(seconds: number): void;
  /** What may run on the GPUs from now on; resolves when what may not is ended. */
  setHold(hold: Hold): Promise<void>;
  /** Reads the document soon: something else of the host says that it changed. */
  refresh(): void;
  /** The same for an Xid, which reading a broken driver may itself bring about: never while that fails, or is let go. */
  noteXid(): void;
  view(): GpusView;
  /** The driver fails or hangs: then only the PCI bus tells of GPUs. */
  readonly isFailing: boolean;
  processes(): readonly GpuProcess[];
  /** The texts that the values of the view were read from. */
  raw(): RawGpus;
  stop(): Promise<void>;
}

const longestRetrySeconds = 10;
const failing: ReadonlySet<GpuCondition> = new Set(['driver-failed', 'driver-hung']);
/** Between two looks while the GPUs are let go: each holds them for about a second. */
const lookSeconds = 30;
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
  const { nvidiaSmiPath, documentSource: source, onDocument } = options;
  const documents = createDocuments({ access, clock, nvidiaSmiPath, source, onDocument });
  let { intervalSeconds } = options;
  let stopped = false;
  let hold: Hold = 'read';
  let isResuming = false;

  const lookout = createLookout(clock, (withinSeconds) => pacer.hurry(withinSeconds));
  const samples = createSamples({
    clock,
    source: options.streamSource,
    intervalSeconds: () => intervalSeconds,
    document: () => documents.latest?.document ?? null,
    onSample: options.onSample,
    onHint: lookout.hint,
  });
  const choice = createFieldChoice();
  const discovery = createFieldDiscovery(access, choice);
  const newFields = createNewFields(access, choice);
  const sampler = (options.hold ? createHeldSampler : createForkedSampler)(
    access,
    intervalSeconds,
    samples.events,
    choice,
  );
  const secondsToNextDocument = (): number =>
    hold === 'read' ? usualPause(documents, samples, options, intervalSeconds) : lookSeconds;
  const pacer = createPacer(async () => {
    if (hold === 'rest') return secondsToNextDocument();
    lookout.begin();
    const { outcome, isSame, change } = await documents.read();
    lookout.end(isSame);
    if (change !== null) options.onNote(`the stream was started again: ${change}`);
    let hasOtherFields = false;
    if (outcome.state !== 'paused') {
      isResuming = false;
      const driverVersion = documents.latest?.document.driverVersion ?? null;
      hasOtherFields = await discovery.learn(documents.program, driverVersion);
    }
    if (hold === 'read') await newFields.read(outcome.state === 'ok' ? documents.program : null);
    if ((change !== null || hasOtherFields) && hold === 'read') sampler.restart();
    if (!stopped) await steer({ sampler, samples, documents, mayRun: hold === 'read' }, outcome);
    return secondsToNextDocument();
  });
  const view = createView({
    clock,
    documents,
    samples,
    pci: options.pci,
    newFields: newFields.of,
    intervalSeconds: () => intervalSeconds,
    samplerProblems: () => sampler.problems,
    phase: () => (hold === 'read' ? (isResuming ? 'resuming' : 'reading') : 'paused'),
  });

  return {
    start: () => pacer.start().then(() => samples.first),
    setIntervalSeconds(seconds) {
      intervalSeconds = seconds;
      sampler.setIntervalSeconds(seconds);
      pacer.hurry(secondsToNextDocument());
    },
    async setHold(wanted) {
      hold = wanted;
      isResuming = wanted === 'read';
      if (wanted === 'read') {
        pacer.hurry(0);
        return;
      }
      samples.giveUp();
      await sampler.halt();
      pauseSource(options.streamSource);
      if (wanted === 'rest') pauseSource(source);
    },
    refresh: lookout.hint,
    noteXid() {
      if (hold === 'read' && documents.failures === 0) lookout.hint();
    },
    view: view.read,
    get isFailing() {
      return failing.has(view.condition().condition);
    },
    processes: view.processes,
    raw: view.raw,
    async stop() {
      stopped = true;
      samples.giveUp();
      await Promise.all([sampler.halt(), pacer.stop()]);
    },
  };
}

interface Steered {
  readonly sampler: Sampler;
  readonly samples: Samples;
  readonly documents: Documents;
  /** False while the GPUs are let go. */
  readonly mayRun: boolean;
}

/** Starts the stream, or ends it where there is nothing that it could show. */
async function steer(
  { sampler, samples, documents, mayRun }: Steered,
  read: Outcome<SmiDocument>,
): Promise<void> {
  const isUseless = read.state !== 'ok' && wholeHostCodes.includes(read.failure?.code ?? '');
  if (isUseless) samples.giveUp();
  if (!mayRun) return;
  // A stream that still delivers (the driver's files were replaced under it) is left alone.
  if (isUseless && samples.newest.size === 0) await sampler.halt();
  else if (documents.program !== null && (read.state === 'ok' || samples.failure === null))
    sampler.start(documents.program);
}

const pauseSource = (from: Source): void =>
  from.note(from.status.command, { state: 'paused', failure: null }, null);

/** Seconds between two documents while the GPUs are read. */
function usualPause(
  { failures }: Documents,
  { failure }: Samples,
  { documentIntervalSeconds }: Pick<GpusOptions, 'documentIntervalSeconds'>,
  intervalSeconds: number,
): number {
  if (failures > 0) return Math.min(longestRetrySeconds, 2 * backOffSeconds(failures));
  // Where the stream cannot be had, the documents are all there is.
  if (failure !== null) return Math.max(intervalSeconds, 5);
  return documentIntervalSeconds ?? usualDocumentSeconds;
}

/** What comes, goes or fails meanwhile shows in the stream, in pmon or in the kernel's log, and is a reason to ask at once. */
const usualDocumentSeconds = 60;
