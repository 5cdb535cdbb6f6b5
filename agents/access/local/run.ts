import type { Readable } from 'node:stream';
import { deferred } from '../../deferred.ts';
import type { RunOptions, RunResult } from '../host-access.ts';
import { type Child, type Children, settlesWithin } from './children.ts';

/** How long output may still come after the exit; a grandchild that keeps stdout open does not hold the reader. */
const drainSeconds = 0.1;

/** Runs one program to its end, whatever it does. Never rejects. */
export async function runCommand(
  children: Children,
  command: readonly [string, ...string[]],
  options: RunOptions,
): Promise<RunResult> {
  const startedAt = performance.now();
  const result = (outcome: RunResult['outcome'], output: Partial<RunResult> = {}): RunResult => ({
    outcome,
    exitCode: null,
    stdout: '',
    stderr: '',
    ...output,
    durationSeconds: (performance.now() - startedAt) / 1000,
  });
  const child = children.start(command);
  if (child === null) return result('hung', { stderr: children.describeHung(command[0]) });

  let stop: 'timeout' | 'too-much-output' | 'signalled' | null = null;
  const stopFor = (reason: 'timeout' | 'too-much-output' | 'signalled'): void => {
    stop ??= reason;
    // What pours out is not read to its end: until the program is gone, that alone would be tens of megabytes.
    if (reason === 'too-much-output') for (const pipe of [child.stdout, child.stderr]) pipe?.destroy();
    void child.end();
  };
  const stdout = capture(child.stdout, options.maxOutputBytes, () => stopFor('too-much-output'));
  const stderr = capture(child.stderr, options.maxOutputBytes, () => stopFor('too-much-output'));
  const deadline = setTimeout(() => stopFor('timeout'), options.deadlineSeconds * 1000);
  const onAbort = (): void => stopFor('signalled');
  options.signal?.addEventListener('abort', onAbort, { once: true });
  if (options.signal?.aborted === true) onAbort();
  const end = await child.ended;
  clearTimeout(deadline);
  options.signal?.removeEventListener('abort', onAbort);
  if (end.kind === 'not-started')
    return result(stop === 'signalled' ? stop : startOutcome(end.code), { stderr: end.message });
  if (end.kind === 'exited' || end.kind === 'cut') await drain(child, [stdout.closed, stderr.closed]);
  const output = { stdout: stdout.text(), stderr: stderr.text() };
  if (end.kind === 'hung') return result('hung', output);
  if (end.kind === 'cut') return result(stop ?? 'cut', { ...output, stderr: end.message });
  if (stop !== null) return result(stop, { ...output, exitCode: end.exitCode });
  return result(end.signal === null ? 'exited' : 'signalled', { ...output, exitCode: end.exitCode });
}

/** What a failed start means: a path that is not there, one that may not or cannot be run, or no SSH session for it. */
export function startOutcome(code: string): 'not-found' | 'not-permitted' | 'no-session' {
  if (code === 'ENOSESSION') return 'no-session';
  return code === 'ENOENT' || code === 'ENOTDIR' ? 'not-found' : 'not-permitted';
}

/** Waits for the rest of the output; then whoever still holds the pipes is ended, for nothing we run leaves one behind. */
export async function drain(child: Child, closed: readonly Promise<void>[]): Promise<void> {
  if (!(await settlesWithin(Promise.all(closed), drainSeconds))) child.sweep();
}

export interface Capture {
  readonly closed: Promise<void>;
  text(): string;
}

/** Keeps up to `maxBytes`; the rest is thrown away and `onFull` called once. */
export function capture(stream: Readable | null, maxBytes: number, onFull: () => void): Capture {
  const chunks: Buffer[] = [];
  let room = maxBytes;
  let full = false;
  const { promise: closed, resolve } = deferred<void>();
  if (stream === null) resolve();
  stream?.once('close', () => resolve());
  stream?.on('error', () => {});
  stream?.on('data', (chunk: Buffer) => {
    if (full) return;
    chunks.push(chunk.subarray(0, room));
    full = chunk.length > room;
    room -= Math.min(chunk.length, room);
    if (full) onFull();
  });
  return { closed, text: () => Buffer.concat(chunks).toString('utf8') };
}
