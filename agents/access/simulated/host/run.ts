import { deferred } from '../../../deferred.ts';
import type { RunOptions, RunResult } from '../../host-access.ts';
import type { Step } from '../player/perform.ts';
import { startPerformance } from './performance.ts';

/** Text up to a number of bytes, as from a pipe that is read no further. */
interface Capped {
  add(text: string): void;
  text(): string;
}

function capped(maxBytes: number, onFull: () => void): Capped {
  let kept = '';
  let bytes = 0;
  return {
    add(text) {
      if (bytes > maxBytes) return;
      bytes += Buffer.byteLength(text);
      kept +=
        bytes > maxBytes
          ? Buffer.from(text)
              .subarray(0, maxBytes - bytes)
              .toString('utf8')
          : text;
      if (bytes > maxBytes) onFull();
    },
    text: () => kept,
  };
}

export type Programs = Set<{ end(): void }>;

/** Plays one program to its end within its deadline and caps. Never rejects. */
export async function runPlayed(
  steps: Iterator<Step, void, void> | null,
  options: RunOptions,
  running: Programs,
): Promise<RunResult> {
  const startedAt = performance.now();
  const elapsed = (): number => (performance.now() - startedAt) / 1000;
  if (steps === null)
    return { outcome: 'not-found', exitCode: null, stdout: '', stderr: '', durationSeconds: elapsed() };
  let stop: 'timeout' | 'too-much-output' | 'signalled' | null = null;
  const program: { end(): void } = { end: () => {} };
  const stopFor = (reason: 'timeout' | 'too-much-output' | 'signalled') => (): void => {
    stop ??= reason;
    // Output may pass its cap before the performance is there to be ended.
    queueMicrotask(() => program.end());
  };
  const stdout = capped(options.maxOutputBytes, stopFor('too-much-output'));
  const stderr = capped(options.maxOutputBytes, stopFor('too-much-output'));
  const { promise, resolve } = deferred<Pick<RunResult, 'outcome' | 'exitCode'>>();
  const deadline = setTimeout(stopFor('timeout'), options.deadlineSeconds * 1000);
  const played = startPerformance(steps, {
    onText: (text, to) => (to === 'stdout' ? stdout : stderr).add(text),
    onGone: ({ kind, exitCode }) => resolve({ outcome: kind, exitCode }),
  });
  program.end = () => played.end();
  running.add(program);
  const onAbort = stopFor('signalled');
  options.signal?.addEventListener('abort', onAbort, { once: true });
  const end = await promise;
  clearTimeout(deadline);
  options.signal?.removeEventListener('abort', onAbort);
  running.delete(program);
  const outcome = end.outcome === 'hung' ? 'hung' : (stop ?? end.outcome);
  return {
    outcome,
    exitCode: end.exitCode,
    stdout: stdout.text(),
    stderr: stderr.text(),
    durationSeconds: elapsed(),
  };
}
