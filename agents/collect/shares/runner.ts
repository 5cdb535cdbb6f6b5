import { isCompleteAnswer, parseFailure } from '../../../lib/nvidia-smi/index.ts';
import type { FetchedLines, HostAccess, LineStream, StreamEnd } from '../../access/host-access.ts';
import type { Clock } from '../clock.ts';
import { failureOf, quote, streamFailure } from '../failures.ts';
import { createSilence } from '../silence.ts';
import type { FailedOutcome, Source } from '../source.ts';
import { createSampleReader, type ShareSample } from './sample.ts';

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
/** Rows of one sample come together; after such a silence they are all. */
const quietMilliseconds = 150;
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
      const seconds = clock.monotonicSeconds() - startedSeconds;
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
      if (running !== null) void reading?.fetch();
    },
    halt() {
      program = null;
      return stop();
    },
  };
}

interface Reading {
  /** With what the program printed, when that was no sample. Never rejects. */
  readonly ended: Promise<string>;
  fetch(): boolean;
}

/** Reads until the program ends. */
function startReading(
  stream: LineStream,
  clock: Clock,
  onSample: (sample: ShareSample, ageSeconds: number) => void,
): Reading {
  let said = '';
  let isRead = false;
  /** A sample that is not told yet. */
  let isBegun = false;
  const secondsSinceFetch = createStopwatch(clock);
  /** When the line that is read came, and the earliest that those before it can have. */
  let cameAt = clock.monotonicSeconds();
  let earliestAt = cameAt;
  const reader = createSampleReader((sample, isPast) => {
    isRead = true;
    onSample(sample, clock.monotonicSeconds() - (isPast ? earliestAt : cameAt));
  });
  const push = (line: string): void => {
    if (!isRead && said.length < 2000) said += `${line}\n`;
    isBegun = reader.push(line);
  };
  const settle = (): void => {
    if (isBegun) reader.flush();
    isBegun = false;
  };
  /** Returns true when the rest of a sample may still come. */
  const fetch = (): boolean => {
    const { lines, ageSeconds } = stream.fetch?.() ?? nothing;
    const mostSeconds = secondsSinceFetch();
    const now = clock.monotonicSeconds();
    lines.forEach((line, at) => {
      // Only of the last is it known when it came.
      const isLast = at === lines.length - 1;
      earliestAt = now - mostSeconds;
      cameAt = isLast && ageSeconds !== null ? now - ageSeconds : earliestAt;
      push(line);
    });
    if (lines.length === 0) return false;
    const isQuiet = ageSeconds !== null && ageSeconds * 1000 >= quietMilliseconds;
    if (isBegun && !isQuiet) {
      silence.wait();
      return true;
    }
    silence.end();
    settle();
    return false;
  };
  const silence = createSilence(quietMilliseconds, () => {
    if (!fetch()) settle();
  });
  const readLines = async (): Promise<string> => {
    for await (const line of stream.lines) {
      cameAt = clock.monotonicSeconds();
      earliestAt = cameAt;
      push(line);
      if (isBegun) silence.wait();
      else silence.end();
    }
    silence.stop();
    settle();
    return isRead ? '' : said;
  };
  return { ended: readLines(), fetch };
}

const nothing: FetchedLines = { lines: [], ageSeconds: null };

/** Seconds since its last call, by the clock that goes further: one stands still while the machine sleeps. */
function createStopwatch(clock: Clock): () => number {
  let seconds = clock.monotonicSeconds();
  let dateSeconds = clock.nowMilliseconds() / 1000;
  return () => {
    const before = { seconds, dateSeconds };
    seconds = clock.monotonicSeconds();
    dateSeconds = clock.nowMilliseconds() / 1000;
    return Math.max(seconds - before.seconds, dateSeconds - before.dateSeconds);
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
