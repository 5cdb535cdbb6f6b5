import { deferred } from '../../deferred.ts';
import type { LineStream, StreamEnd, StreamOptions } from '../host-access.ts';
import type { Child, ChildEnd, Children } from './children.ts';
import { createLineQueue, createLineSplitter } from './line-queue.ts';
import { type Capture, capture, drain, startOutcome } from './run.ts';

const maxQueuedLines = 4096;
const maxErrorBytes = 64 * 1024;

/** Sixteen GPUs print some kilobytes a second; what pours out this much is not nvidia-smi's stream. */
const maxBytesPerSecond = 512 * 1024;

type Stop = 'start-timeout' | 'sample-timeout' | 'line-too-long' | 'too-much-output' | 'stopped';

/** Runs a program that goes on printing, with a deadline for its first line and for each one after. */
export function streamCommand(
  children: Children,
  command: readonly [string, ...string[]],
  options: StreamOptions,
): LineStream {
  const queue = createLineQueue(maxQueuedLines);
  const child = children.start(command);
  if (child === null) {
    queue.close();
    const stderr = children.describeHung(command[0]);
    return { lines: queue, ended: Promise.resolve({ reason: 'hung', stderr }), stop: async () => {} };
  }
  let stop: Stop | null = null;
  const stopFor = (reason: Stop): Promise<void> => {
    stop ??= reason;
    // What pours out is not read to its end, nor is what came of it: thousands of lines that are worth nothing.
    if (reason === 'too-much-output' || reason === 'line-too-long') {
      child.stdout?.destroy();
      queue.discard();
    }
    return child.end();
  };
  // Timers of their own: no beat comes to the moment, and a driver that hangs is told by these.
  const late = (reason: Stop, seconds: number): NodeJS.Timeout =>
    setTimeout(() => void stopFor(reason), seconds * 1000);
  const start = late('start-timeout', options.startDeadlineSeconds);
  let sample: NodeJS.Timeout | null = null;
  let lines = 0;
  const splitter = createLineSplitter(
    options.maxLineBytes,
    (line) => {
      lines += 1;
      queue.push(line);
    },
    () => void stopFor('line-too-long'),
  );
  /** Lines that come in one piece are one sign of life. */
  const read = (chunk: Buffer): void => {
    const before = lines;
    splitter.push(chunk);
    if (lines === before) return;
    clearTimeout(start);
    if (sample !== null) sample.refresh();
    else if (stop === null) sample = late('sample-timeout', options.sampleDeadlineSeconds);
  };
  const stderr = capture(child.stderr, maxErrorBytes, () => {});
  const rate = createRate(options.maxBytesPerSecond ?? maxBytesPerSecond);
  const finish = async (): Promise<StreamEnd> => {
    const closed = readLines(child, (chunk) => {
      if (stop !== null) return;
      if (rate.isWithin(chunk.length)) read(chunk);
      else void stopFor('too-much-output');
    });
    const end = await child.ended;
    clearTimeout(start);
    if (sample !== null) clearTimeout(sample);
    if (end.kind === 'exited' || end.kind === 'cut') await drain(child, [closed, stderr.closed]);
    splitter.flush();
    if (sample !== null) clearTimeout(sample);
    queue.close();
    return streamEnd(end, stop, stderr);
  };
  const ended = finish();
  return {
    lines: queue,
    ended,
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

function readLines(child: Child, push: (chunk: Buffer) => void): Promise<void> {
  const { promise, resolve } = deferred<void>();
  if (child.stdout === null) resolve();
  child.stdout?.on('data', push);
  child.stdout?.on('error', () => {});
  child.stdout?.once('close', () => resolve());
  return promise;
}

function streamEnd(end: ChildEnd, stop: Stop | null, stderr: Capture): StreamEnd {
  if (end.kind === 'not-started')
    return { reason: stop === 'stopped' ? stop : startOutcome(end.code), stderr: end.message };
  if (end.kind === 'hung') return { reason: 'hung', stderr: stderr.text() };
  if (stop !== null) return { reason: stop, stderr: stderr.text() };
  if (end.kind === 'cut') return { reason: 'cut', stderr: end.message };
  return { reason: 'exited', exitCode: end.exitCode, stderr: stderr.text() };
}
