import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runFailure, streamFailure } from '../../collect/failures.ts';
import { runCommand } from '../local/run.ts';
import { streamCommand } from '../local/stream.ts';
import { createSshChildren } from './children.ts';
import type { Sessions } from './sessions.ts';
import { SshError } from './ssh-error.ts';

const limits = { deadlineSeconds: 10, maxOutputBytes: 1000 };
const streamLimits = { startDeadlineSeconds: 10, sampleDeadlineSeconds: 10, maxLineBytes: 1000 };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const childrenOn = (exec: Sessions['exec']) =>
  createSshChildren({
    heartbeatSeconds: 30,
    sessions: { exec, isGone: false, limit: 2, hold: () => Promise.reject(), whyNoShell: () => '' },
  });

test('a program for which the server has no session says so, and nothing of permissions', async () => {
  const children = childrenOn(() =>
    Promise.reject(new SshError('one-session', 'gpu1: the server allows 2 sessions at once; all in use')),
  );
  const run = await runCommand(children, ['nvidia-smi'], limits);
  expect(runFailure('nvidia-smi', run)).toMatchObject({
    state: 'failed',
    failure: {
      code: 'unknown-error',
      message: 'nvidia-smi was not started: gpu1: the server allows 2 sessions at once; all in use',
    },
  });
  const end = await streamCommand(children, ['nvidia-smi'], streamLimits).ended;
  expect(streamFailure('nvidia-smi', end).failure?.message).toMatch(/not started: .* all in use/);
});

test('a program that waited for a session until its deadline is not one whose driver hangs', async () => {
  const children = childrenOn(() => new Promise(() => {}));
  const run = runCommand(children, ['nvidia-smi'], limits);
  const stream = streamCommand(children, ['nvidia-smi'], streamLimits);
  const stopped = streamCommand(children, ['nvidia-smi'], streamLimits);
  void stopped.stop();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(runFailure('nvidia-smi', await run)).toMatchObject({
    state: 'failed',
    failure: { message: expect.stringContaining('gave no session for it in time') },
  });
  expect((await stream.ended).reason).toBe('no-session');
  expect((await stopped.ended).reason).toBe('stopped');
  expect(children.stuckPids()).toEqual([]);
});
