import type { Problem } from '../../../lib/model/index.ts';
import type { HostAccess } from '../../access/host-access.ts';
import { createPacer } from '../pacer.ts';
import type { FailedOutcome } from '../source.ts';
import { createFieldChoice } from './field-choice.ts';
import { type RunningStream, type SampleEvents, startStream } from './stream.ts';

export interface SamplerEvents extends SampleEvents {
  /** The first row of a stream came, or a query gave its whole sample, so many seconds after its start. */
  onDelivered(command: string, durationSeconds: number, isWhole: boolean): void;
  onEnded(command: string, outcome: FailedOutcome): void;
}

/** Keeps rows coming at the interval, by a held stream or by one query a sample. */
export interface Sampler {
  /** Begins, goes on with another program, or cuts a back-off short; does nothing when that one runs already. */
  start(program: string): void;
  /** A new stream takes the place of the running one, which goes on until the new one delivers. */
  restart(): void;
  /** Ends what runs; `start` begins again. */
  halt(): Promise<void>;
  setIntervalSeconds(seconds: number): void;
  readonly problems: readonly Problem[];
}

const longestBackOffSeconds = 30;
/** A stream that lived as long was a good one: the next failure is a first one again. */
const steadySeconds = 10;

export const backOffSeconds = (failures: number): number =>
  Math.min(longestBackOffSeconds, 2 ** Math.max(0, failures - 1));

interface Started {
  readonly stream: RunningStream;
  readonly intervalSeconds: number;
  readonly atMilliseconds: number;
}

/** One long-lived `-lms`. On another interval, the new stream delivers before the old one is stopped. */
export function createHeldSampler(
  access: HostAccess,
  interval: number,
  events: SamplerEvents,
  choice = createFieldChoice(),
): Sampler {
  let intervalSeconds = interval;
  let program: string | null = null;
  let current: Started | null = null;
  let next: Started | null = null;
  let failures = 0;
  let timer: NodeJS.Timeout | null = null;

  const launch = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (program === null) return;
    const stream = startStream(
      { access, program, choice, intervalSeconds, once: false },
      {
        onRow(row, printed) {
          if (next === started) promote(started);
          if (current === started) events.onRow(row, printed);
        },
        onFailure(failure) {
          if (current === started || current === null) events.onFailure(failure);
        },
      },
    );
    const started: Started = { stream, intervalSeconds, atMilliseconds: performance.now() };
    next = started;
    void stream.ended.then((end) => {
      if (end.kind === 'field-refused' && next === started) launch();
      else if (end.kind === 'failed') onFailed(started, end.outcome);
    });
  };
  const promote = (started: Started): void => {
    events.onDelivered(started.stream.command, (performance.now() - started.atMilliseconds) / 1000, false);
    const old = current;
    current = started;
    next = null;
    void old?.stream.stop();
  };
  const onFailed = (started: Started, outcome: FailedOutcome): void => {
    const wasNext = next === started;
    if (!wasNext && current !== started) return;
    if (wasNext) next = null;
    else current = null;
    const lived = (performance.now() - started.atMilliseconds) / 1000;
    failures = started.stream.delivered && lived > steadySeconds ? 1 : failures + 1;
    if (current === null) events.onEnded(started.stream.command, outcome);
    if (next === null && timer === null) timer = setTimeout(launch, backOffSeconds(failures) * 1000);
  };
  return {
    start(wanted) {
      const waits = timer !== null && current === null;
      if (program === wanted && !waits) return;
      program = wanted;
      launch();
    },
    restart() {
      if (current === null) return;
      void next?.stream.stop();
      next = null;
      launch();
    },
    async halt() {
      program = null;
      if (timer !== null) clearTimeout(timer);
      timer = null;
      const running = [current, next];
      current = null;
      next = null;
      await Promise.all(running.map((started) => started?.stream.stop()));
    },
    setIntervalSeconds(seconds) {
      if (seconds === intervalSeconds) return;
      intervalSeconds = seconds;
      const starting = next;
      if (starting === null && current === null) return;
      next = null;
      void starting?.stream.stop();
      if (current?.intervalSeconds !== seconds) launch();
    },
    get problems() {
      return [...choice.problems, ...(current?.stream.problems ?? [])];
    },
  };
}

/** One query a sample: between two samples nothing holds the GPU open. */
export function createForkedSampler(
  access: HostAccess,
  interval: number,
  events: SamplerEvents,
  choice = createFieldChoice(),
): Sampler {
  let intervalSeconds = interval;
  let program: string | null = null;
  let running: RunningStream | null = null;
  let failures = 0;
  let problems: readonly Problem[] = [];
  const sample = async (): Promise<number> => {
    if (program === null) return longestBackOffSeconds;
    const startedAt = performance.now();
    running = startStream({ access, program, choice, intervalSeconds, once: true }, events);
    const { command } = running;
    const end = await running.ended;
    problems = running.problems;
    running = null;
    const durationSeconds = (performance.now() - startedAt) / 1000;
    if (end.kind === 'field-refused') return 0;
    failures = end.kind === 'failed' ? failures + 1 : 0;
    if (end.kind === 'failed') events.onEnded(command, end.outcome);
    else if (end.kind === 'sampled') events.onDelivered(command, durationSeconds, true);
    return failures > 0 ? backOffSeconds(failures) : Math.max(0, intervalSeconds - durationSeconds);
  };
  let pacer = createPacer(sample, true);
  return {
    start(wanted) {
      if (program === wanted) return;
      const wasIdle = program === null;
      program = wanted;
      if (wasIdle) void pacer.start();
    },
    // Each sample asks anew.
    restart: () => {},
    async halt() {
      program = null;
      const stopping = pacer.stop();
      pacer = createPacer(sample, true);
      await running?.stop();
      await stopping;
    },
    setIntervalSeconds(seconds) {
      intervalSeconds = seconds;
      pacer.hurry(seconds);
    },
    get problems() {
      return [...choice.problems, ...problems];
    },
  };
}
