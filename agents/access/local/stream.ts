import type { FetchedLines, LineStream, StreamEnd, StreamOptions } from '../host-access.ts';
import type { ChildEnd, Children } from './children.ts';
import { createLineQueue, createLineSplitter } from './line-queue.ts';
import { createOutput } from './output.ts';
import { type Capture, capture, drain, startOutcome } from './run.ts';
import { createStreamDeadlines, type Late } from './stream-deadlines.ts';

const maxQueuedLines = 4096;
const maxErrorBytes = 64 * 1024;

/** Sixteen GPUs print some kilobytes a second; what pours out this much is not nvidia-smi's stream. */
const maxBytesPerSecond = 512 * 1024;

type Stop = Late | 'line-too-long' | 'too-much-output' | 'stopped';

/** Runs a program that goes on printing, with a deadline for its first line and for each one after. */
export function streamCommand(
  children: Children,
  command: readonly [string, ...string[]],
  options: StreamOptions,
): LineStream {
  const queue = createLineQueue(maxQueuedLines);
  const pipe = options.canWait === true ? (children.createPipe?.() ?? null) : null;
  const child = children.start(command, pipe?.writeFd);
  pipe?.handOver();
  if (child === null) {
    pipe?.close();
    queue.close();
    const stderr = children.describeHung(command[0]);
    return { lines: queue, ended: Promise.resolve({ reason: 'hung', stderr }), stop: async () => {} };
  }
  let stop: Stop | null = null;
  const stopFor = (reason: Stop): Promise<void> => {
    stop ??= reason;
    // What pours out is not read to its end, nor is what came of it: thousands of lines that are worth nothing.
    if (reason === 'too-much-output' || reason === 'line-too-long') {
      output.destroy();
      queue.discard();
    }
    return child.end();
  };
  let lines = 0;
  let into: { push(line: string): unknown } = queue;
  const splitter = createLineSplitter(
    options.maxLineBytes,
    (line) => {
      lines += 1;
      into.push(line);
    },
    () => void stopFor('line-too-long'),
  );
  const rate = createRate(options.maxBytesPerSecond ?? maxBytesPerSecond);
  /** Lines that come in one piece are one sign of life. */
  const read = (chunk: Buffer): void => {
    if (stop !== null) return;
    if (!rate.isWithin(chunk.length)) return void stopFor('too-much-output');
    const before = lines;
    splitter.push(chunk);
    if (lines > before) deadlines.renew();
  };
  const output = createOutput(child.stdout, pipe, read);
  const stderr = capture(child.stderr, maxErrorBytes, () => {});
  /** What a deadline found waiting. */
  let held: string[] = [];
  const fetch = (): FetchedLines => {
    const fetched = held;
    const before = lines;
    held = [];
    into = fetched;
    const ageSeconds = output.take();
    into = queue;
    return { lines: fetched, ageSeconds: lines > before ? ageSeconds : null };
  };
  const handBack = (): void => {
    for (const line of held.splice(0)) queue.push(line);
  };
  const onLate = (late: Late): void => {
    const before = lines;
    held = fetch().lines.slice(-maxQueuedLines);
    // What comes after it, if that is watched now, does not overtake it.
    if (!output.isWaiting) handBack();
    if (lines === before) void stopFor(late);
  };
  const deadlines = createStreamDeadlines(options, pipe !== null, onLate);
  const finish = async (): Promise<StreamEnd> => {
    const end = await child.ended;
    deadlines.end();
    handBack();
    if (end.kind === 'exited' || end.kind === 'cut') {
      output.watch();
      await drain(child, [output.closed, stderr.closed]);
    }
    output.destroy();
    splitter.flush();
    deadlines.end();
    queue.close();
    return streamEnd(end, stop, stderr);
  };
  const ended = finish();
  return {
    lines: queue,
    ended,
    ...(pipe === null ? {} : { fetch }),
    async stop() {
      await stopFor('stopped');
      await ended;
    },
  };
}

/** Counts bytes by the second. */
function createRate(perSecond: number): { isWithin(bytes: number): boolean } {
  let second = 0;
  let used = 0;
  return {
    isWithin(bytes) {
      const now = Math.floor(performance.now() / 1000);
      used = now === second ? used + bytes : bytes;
      second = now;
      return used <= perSecond;
    },
  };
}

function streamEnd(end: ChildEnd, stop: Stop | null, stderr: Capture): StreamEnd {
  if (end.kind === 'not-started')
    return { reason: stop === 'stopped' ? stop : startOutcome(end.code), stderr: end.message };
  if (end.kind === 'hung') return { reason: 'hung', stderr: stderr.text() };
  if (stop !== null) return { reason: stop, stderr: stderr.text() };
  if (end.kind === 'cut') return { reason: 'cut', stderr: end.message };
  return { reason: 'exited', exitCode: end.exitCode, stderr: stderr.text() };
}
