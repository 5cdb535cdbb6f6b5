import { isCompleteAnswer, parseFailure } from '../../../lib/nvidia-smi/index.ts';
import type { HostAccess, LineStream, StreamEnd } from '../../access/host-access.ts';
import type { Clock } from '../clock.ts';
import { failureOf, quote, streamFailure } from '../failures.ts';
import type { FailedOutcome, Source } from '../source.ts';
import { type Reading, startReading } from './reading.ts';
import type { ShareSample } from './sample.ts';

export interface RunnerOptions {
  readonly access: HostAccess;
  readonly clock: Clock;
  readonly source: Source;
  /** False: each sample is a run of its own, so that nothing holds a GPU between two. */
  readonly hold: boolean;
  readonly delaySeconds: () => number;
  /** @param ageSeconds since it came */
  readonly onSample: (sample: ShareSample, ageSeconds: number) => void;
  /** It ended, and not because it was told to. */
  readonly onEnd: (message: string) => void;
}

/** Keeps one `nvidia-smi pmon` running, and starts it again ever more seldom where it fails. */
export interface PmonRunner {
  readonly isRunning: boolean;
  /** Starts it unless it runs, or waits to be started again. */
  start(program: string): void;
  /** With the delay as it is now. */
  restart(): void;
  /** Reads what it printed meanwhile, where that waits. */
  fetch(): void;
  halt(): Promise<void>;
}

const startDeadlineSeconds = 30;
const maxLineBytes = 4096;
export const longestDelaySeconds = 10;
const firstRetrySeconds = 15;
const longestRetrySeconds = 600;
/** Without holding: a run takes a second of the driver's time, so not with every reading. */
export const forkedPauseSeconds = 30;

const retrySeconds = (failures: number): number =>
  Math.min(longestRetrySeconds, firstRetrySeconds * 2 ** Math.max(0, failures - 1));

export function createPmonRunner(options: RunnerOptions): PmonRunner {
  const { access, clock, source, hold } = options;
  let program: string | null = null;
  let running: LineStream | null = null;
  let reading: Reading | null = null;
  let failures = 0;
  let timer: NodeJS.Timeout | null = null;

  const later = (seconds: number): void => {
    if (timer !== null) clearTimeout(timer);
    timer = program === null ? null : setTimeout(launch, seconds * 1000);
  };
  const launch = (): void => {
    timer = null;
    if (program === null || running !== null) return;
    const delay = options.delaySeconds();
    const pace = hold ? ['-d', String(delay)] : ['-d', '1', '-c', '1'];
    const command: readonly [string, ...string[]] = [program, 'pmon', '-s', 'u', ...pace];
    const startedSeconds = clock.monotonicSeconds();
    const stream = access.stream(command, {
      startDeadlineSeconds,
      sampleDeadlineSeconds: 2 * delay + 6,
      maxLineBytes,
      // With longer intervals than its longest delay, too much would wait.
      canWait: hold && delay < longestDelaySeconds,
    });
    running = stream;
    let isTold = false;
    const onSample = (sample: ShareSample, ageSeconds: number): void => {
      if (running !== stream) return;
      const seconds = clock.monotonicSeconds() - ageSeconds - startedSeconds;
      if (!isTold) source.note(command.join(' '), { state: 'ok', value: null }, seconds);
      isTold = true;
      failures = 0;
      options.onSample(sample, ageSeconds);
    };
    reading = startReading(stream, clock, onSample);
    void reading.ended.then(async (said) =>
      onEnded(stream, command.join(' '), { said, end: await stream.ended, isTold }),
    );
  };
  const onEnded = (stream: LineStream, command: string, ending: Ending): void => {
    if (running !== stream) return;
    running = null;
    const { end, isTold } = ending;
    const isAnswer = end.reason === 'exited' && isCompleteAnswer(end.exitCode) && isTold;
    if (!hold && isAnswer) {
      later(forkedPauseSeconds);
      return;
    }
    if (end.reason !== 'stopped') {
      failures += 1;
      const outcome = explain(program ?? 'nvidia-smi', ending);
      source.note(command, outcome, null);
      options.onEnd(outcome.failure?.message ?? end.reason);
    }
    later(retrySeconds(failures));
  };
  const stop = async (): Promise<void> => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const stream = running;
    running = null;
    await stream?.stop();
  };
  return {
    get isRunning() {
      return running !== null;
    },
    start(wanted) {
      program = wanted;
      if (running === null && timer === null) launch();
    },
    restart() {
      if (running !== null && hold) void stop().then(() => later(0));
    },
    fetch() {
      if (running !== null) reading?.fetch();
    },
    halt() {
      program = null;
      return stop();
    },
  };
}

interface Ending {
  readonly said: string;
  readonly end: StreamEnd;
  readonly isTold: boolean;
}

function explain(program: string, { end, said }: Ending): FailedOutcome {
  if (end.reason !== 'exited') return streamFailure(program, end);
  const told = parseFailure(`${said}\n${end.stderr}`, end.exitCode);
  if (told !== null) return { state: 'failed', failure: told };
  const words = quote(`${said} ${end.stderr}`);
  const message = words === '' ? `ended with exit code ${end.exitCode ?? 'none'}` : words;
  return { state: 'failed', failure: failureOf('unknown-error', message) };
}
