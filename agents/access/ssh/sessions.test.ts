import { EventEmitter } from 'node:events';
import type { Client, ClientChannel } from 'ssh2';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createSessions } from './sessions.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A server with MaxSessions that goes on counting a session for a while after it ended. */
function startServer(most: number) {
  const client = new EventEmitter();
  const server = {
    most,
    countsOnMillis: 0,
    counted: 0,
    refused: 0,
    client: Object.assign(client, {
      exec(_command: string, done: (error: Error | undefined, channel?: EventEmitter) => void) {
        setTimeout(() => {
          if (server.counted >= server.most) {
            server.refused += 1;
            done(Object.assign(new Error('open failed'), { reason: 2 }));
            return;
          }
          server.counted += 1;
          done(undefined, new EventEmitter());
        }, 1);
      },
    }) as unknown as Client,
    end(channel: ClientChannel): void {
      channel.emit('close');
      setTimeout(() => {
        server.counted -= 1;
      }, server.countsOnMillis);
    },
  };
  return server;
}

const after = async <T>(seconds: number, work: Promise<T>): Promise<T> => {
  work.catch(() => undefined);
  await vi.advanceTimersByTimeAsync(seconds * 1000);
  return work;
};

test('a limit is found by the first refusal, and who waits has the turn of whoever ends', async () => {
  const server = startServer(2);
  const sessions = createSessions(server.client, 'host');
  const [one, , third] = ['a', 'b', 'c'].map((command) => sessions.exec(command));
  await after(1, one!);
  expect(sessions.limit).toBe(2);
  server.end(await one!);
  await after(1, third!);
  expect(server.refused).toBe(1);
});

test('what a busy server still counts after it ended is not taken for its limit', async () => {
  const server = startServer(4);
  server.countsOnMillis = 1500;
  const sessions = createSessions(server.client, 'host');
  const held = await after(1, Promise.all([sessions.exec('stream'), sessions.exec('stream')]));
  for (let round = 0; round < 10; round += 1) {
    const asked = await after(5, Promise.all([sessions.exec('a'), sessions.exec('b')]));
    for (const channel of asked) server.end(channel);
  }
  expect(server.refused).toBeGreaterThan(0);
  expect(sessions.limit).toBe(9);
  expect(held).toHaveLength(2);
});

test('a limit that is none any more is tried again: after 5 s at first, then seldom', async () => {
  const server = startServer(2);
  const sessions = createSessions(server.client, 'host');
  await after(1, Promise.all([sessions.exec('a'), sessions.exec('b')]));
  await expect(after(16, sessions.exec('c'))).rejects.toMatchObject({ condition: 'one-session' });
  // At once and after 5 s.
  expect(server.refused).toBe(2);
  for (let round = 0; round < 20; round += 1)
    await expect(after(16, sessions.exec('c'))).rejects.toMatchObject({ condition: 'one-session' });
  expect(server.refused).toBeLessThanOrEqual(7);
  server.most = 10;
  let last: ClientChannel | null = null;
  for (let round = 0; round < 40 && last === null; round += 1)
    last = await after(16, sessions.exec('c')).catch(() => null);
  expect(last).not.toBeNull();
  await after(2, Promise.all([sessions.exec('d'), sessions.exec('e')]));
  expect(sessions.limit).toBeGreaterThan(4);
});

test('who waits hears of a connection that is gone', async () => {
  const server = startServer(1);
  const sessions = createSessions(server.client, 'host');
  await after(1, sessions.exec('a'));
  const waiting = sessions.exec('b');
  waiting.catch(() => undefined);
  await vi.advanceTimersByTimeAsync(1000);
  server.client.emit('close');
  await expect(after(1, waiting)).rejects.toMatchObject({ condition: 'cut' });
});

test('a session that the server never answers for frees its place, and is closed when it comes', async () => {
  const server = startServer(9);
  const answers: ((error: undefined, channel: EventEmitter) => void)[] = [];
  const silent = Object.assign(server.client, {
    exec: (_command: string, done: never) => answers.push(done),
  });
  const sessions = createSessions(silent as unknown as Client, 'gpu1');
  await expect(after(31, sessions.exec('true'))).rejects.toThrow(/gpu1: no session: .* does not answer/);
  const close = vi.fn();
  answers[0]?.(undefined, Object.assign(new EventEmitter(), { close }));
  expect(close).toHaveBeenCalledOnce();
  expect(sessions.limit).toBe(9);
});
