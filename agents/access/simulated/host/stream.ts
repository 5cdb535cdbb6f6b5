import { deferred } from '../../../deferred.ts';
import type { LineStream, StreamEnd, StreamOptions } from '../../host-access.ts';
import { createLineQueue } from '../../local/line-queue.ts';
import type { Step } from '../player/perform.ts';
import { startPerformance } from './performance.ts';
import type { Programs } from './run.ts';

const maxQueuedLines = 4096;
const maxErrorCharacters = 64 * 1024;

type Stop = 'start-timeout' | 'sample-timeout' | 'line-too-long' | 'stopped';

function lineCutter(maxLineBytes: number, onLine: (line: string) => void, onTooLong: () => void) {
  let rest = '';
  return {
    push(text: string): void {
      const pieces = (rest + text).split('\n');
      rest = pieces.pop() ?? '';
      for (const line of pieces) {
        if (Buffer.byteLength(line) > maxLineBytes) {
          onTooLong();
          return;
        }
        onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
      }
      if (Buffer.byteLength(rest) > maxLineBytes) onTooLong();
    },
    flush(): void {
      if (rest !== '' && Buffer.byteLength(rest) <= maxLineBytes) onLine(rest);
    },
  };
}

/** Plays a program that goes on printing, with the deadlines that a real one would have. */
export function streamPlayed(
  steps: Iterator<Step, void, void> | null,
  options: StreamOptions,
  running: Programs,
): LineStream {
  const queue = createLineQueue(maxQueuedLines);
  if (steps === null) {
    queue.close();
    return {
      lines: queue,
      ended: Promise.resolve({ reason: 'not-found', stderr: '' }),
      stop: async () => {},
    };
  }
  const { promise: ended, resolve } = deferred<StreamEnd>();
  const program: { end(): void } = { end: () => {} };
  let stop: Stop | null = null;
  let stderr = '';
  let gone = false;
  let timer: NodeJS.Timeout;
  const stopFor = (reason: Stop): void => {
    stop ??= reason;
    queueMicrotask(() => program.end());
  };
  const waitFor = (seconds: number, reason: Stop): void => {
    clearTimeout(timer);
    timer = setTimeout(() => stopFor(reason), seconds * 1000);
  };
  const cutter = lineCutter(
    options.maxLineBytes,
    (line) => {
      if (stop === null) waitFor(options.sampleDeadlineSeconds, 'sample-timeout');
      queue.push(line);
    },
    () => stopFor('line-too-long'),
  );
  waitFor(options.startDeadlineSeconds, 'start-timeout');
  const played = startPerformance(steps, {
    onText: (text, to) => {
      if (to === 'stdout') cutter.push(text);
      else stderr = (stderr + text).slice(0, maxErrorCharacters);
    },
    onGone: ({ kind, exitCode }) => {
      gone = true;
      cutter.flush();
      clearTimeout(timer);
      running.delete(program);
      queue.close();
      if (kind === 'hung') resolve({ reason: 'hung', stderr });
      else if (stop !== null) resolve({ reason: stop, stderr });
      else resolve({ reason: 'exited', exitCode, stderr });
    },
  });
  program.end = () => {
    stop ??= 'stopped';
    played.end();
  };
  if (!gone) running.add(program);
  return {
    lines: queue,
    ended,
    async stop() {
      program.end();
      await ended;
    },
  };
}
