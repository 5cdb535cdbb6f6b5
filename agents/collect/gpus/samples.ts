import type { Failure } from '../../../lib/model/index.ts';
import type { QueryGpuRow, SmiDocument, SmiGpu } from '../../../lib/nvidia-smi/index.ts';
import { deferred } from '../../deferred.ts';
import { type Clock, isoNow } from '../clock.ts';
import type { SampleEvent } from '../options.ts';
import { createSilence } from '../silence.ts';
import type { Source } from '../source.ts';
import { contradicts, misses } from './change.ts';
import type { SamplerFailure } from './condition.ts';
import { createEnergyMeter } from './energy.ts';
import type { Sample } from './merge.ts';
import { isNamed } from './read.ts';
import type { SamplerEvents } from './sampler.ts';
import type { PrintedRow } from './stream.ts';

export interface SamplesOptions {
  readonly clock: Clock;
  readonly source: Source;
  intervalSeconds(): number;
  document(): SmiDocument | null;
  /** A sample is there, or the stream ended. */
  onSample(event: SampleEvent): void;
  /** The document is likely to be out of date. */
  onHint(): void;
}

/** The newest row of each GPU, kept from what the sampler tells. */
export interface Samples {
  readonly events: SamplerEvents;
  readonly newest: ReadonlyMap<string, Sample>;
  /** Null while whole samples come. */
  readonly failure: SamplerFailure | null;
  energyJoules(uuid: string): number | null;
  /** Settles after the first sample, the first failure, or `giveUp`. */
  readonly first: Promise<void>;
  giveUp(): void;
}

/** With some rows of a sample missing, it counts as whole after this silence. */
const quietMilliseconds = 100;

export function createSamples(options: SamplesOptions): Samples {
  const { clock, source } = options;
  const newest = new Map<string, Sample>();
  const energy = createEnergyMeter(() => 3 * options.intervalSeconds());
  const first = deferred<void>();
  let failure: SamplerFailure | null = null;
  let sampled = new Set<string>();
  /** A stream whose first whole sample is still to come. */
  let delivery: { readonly command: string; readonly seconds: number } | null = null;

  const keep = (uuid: string, row: QueryGpuRow, printed: PrintedRow | null): void => {
    const sampledSeconds = clock.monotonicSeconds();
    newest.set(uuid, { row, printed, sampledAt: isoNow(clock), sampledSeconds });
    const drawWatts = row.state === 'ok' ? (row.gpu.power?.drawWatts ?? null) : null;
    energy.note(uuid, drawWatts, sampledSeconds);
  };
  const lose = (told: Failure): void => {
    const gpu = told.gpu === null ? undefined : find(options.document(), told.gpu)?.gpu;
    if (gpu === undefined || gpu.uuid === null) return;
    keep(gpu.uuid, lostRow(gpu.uuid, gpu.index, told), null);
  };
  const silence = createSilence(quietMilliseconds, () => finish(false));
  /** A sample that stops in the middle may be the next hang: only a whole one ends a failure. */
  const finish = (isWhole: boolean): void => {
    silence.end();
    if (isWhole) recover();
    const document = options.document();
    if (document !== null && misses(document, sampled)) options.onHint();
    sampled = new Set();
    first.resolve();
    options.onSample('sample');
  };
  const recover = (): void => {
    if (delivery !== null) source.note(delivery.command, { state: 'ok', value: null }, delivery.seconds);
    delivery = null;
    if (failure !== null) options.onHint();
    failure = null;
  };
  const events: SamplerEvents = {
    onRow(row, printed) {
      const document = options.document();
      const uuid = row.uuid ?? find(document, String(row.index))?.gpu.uuid ?? null;
      const named = row.uuid === uuid ? row : { ...row, uuid };
      if (document !== null && (uuid === null || contradicts(document, named))) options.onHint();
      if (uuid === null) {
        // A GPU that nothing names has no row of its own, and is no reason to wait.
        silence.wait();
        return;
      }
      if (sampled.has(uuid)) finish(true);
      keep(uuid, row, printed);
      sampled.add(uuid);
      if (sampled.size >= (document?.gpus.length ?? Number.POSITIVE_INFINITY)) finish(true);
      else silence.wait();
    },
    onFailure(told) {
      lose(told);
      options.onHint();
    },
    onDelivered(command, durationSeconds, isWhole) {
      delivery = { command, seconds: durationSeconds };
      if (isWhole) recover();
    },
    onEnded(command, outcome) {
      source.note(command, outcome, null);
      silence.end();
      newest.clear();
      sampled = new Set();
      failure = { outcome, atSeconds: clock.monotonicSeconds(), inARow: (failure?.inARow ?? 0) + 1 };
      if (outcome.failure !== null) lose(outcome.failure);
      first.resolve();
      options.onHint();
      options.onSample('ended');
    },
  };
  return {
    events,
    newest,
    get failure() {
      return failure;
    },
    energyJoules: energy.joules,
    first: first.promise,
    giveUp() {
      silence.stop();
      first.resolve();
    },
  };
}

function find(document: SmiDocument | null, name: string): SmiGpu | undefined {
  return document?.gpus.find((each) => isNamed(each, name));
}

function lostRow(uuid: string, index: number | null, failure: Failure): QueryGpuRow {
  const state = failure.code === 'gpu-lost' ? 'lost' : 'failed';
  return { uuid, index, timestamp: null, driverVersion: null, gpu: {}, state, failure, extra: {} };
}
