import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import ssh2, { type ClientChannel, type Connection } from 'ssh2';
import { afterEach, expect, test, vi } from 'vitest';
import { answered } from './answered.ts';
import { createSshChildren } from './children.ts';
import { openRoad, type SshTarget } from './connection.ts';
import { makeKeyPair } from './hub-target.ts';
import { parseKnownHosts } from './known-hosts.ts';
import { createChannelFiles } from './one-channel/files.ts';
import type { Answer, VerbServer } from './one-channel/verb-server.ts';
import type { Sessions } from './sessions.ts';

const cleanup: (() => void)[] = [];
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  for (const each of cleanup.splice(0)) each();
});

/** The most bytes that were put together into one buffer. */
function mostJoinedBytes(): () => number {
  let most = 0;
  const concat = Buffer.concat.bind(Buffer);
  vi.spyOn(Buffer, 'concat').mockImplementation((...words) => {
    const joined = concat(...words);
    most = Math.max(most, joined.length);
    return joined;
  });
  return () => most;
}

/** A server of ssh2 that lets everybody in, and how to log in to it. */
async function startServer(onReady: (connection: Connection) => void): Promise<SshTarget> {
  const { privateText: hostKey, publicLine: hostLine } = makeKeyPair('');
  const { privateText: ownKey } = makeKeyPair('');
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (connection) => {
    connection.on('error', () => {});
    connection.on('authentication', (context) => context.accept());
    connection.on('ready', () => onReady(connection));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  cleanup.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  return {
    ...{ host: '127.0.0.1', port, user: 'ada' },
    identity: [{ type: 'publickey', username: 'ada', key: ownKey }],
    knownHosts: parseKnownHosts(`[127.0.0.1]:${port} ${hostLine}`),
  };
}

test('a jump host that never answers does not hold whoever waits', async () => {
  const asked = Promise.withResolvers<void>();
  const jump = await startServer((connection) => connection.on('tcpip', () => asked.resolve()));
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const road = openRoad([jump, { ...jump, host: 'behind' }]);
  const failure = expect(road).rejects.toThrow(/behind.*not through the jump host: .* does not answer/);
  await asked.promise;
  await vi.advanceTimersByTimeAsync(15_000);
  await failure;
});

test('what a server answers too late is closed', async () => {
  const late = vi.fn();
  let answer = (_value: string): void => {};
  const asking = answered<string>(
    (done) => {
      answer = (value) => done(null, value);
    },
    late,
    0.001,
  );
  await expect(asking).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  answer('a channel');
  expect(late).toHaveBeenCalledExactlyOnceWith('a channel');
});

test('text without end in place of our helper is not kept, though the server ignores that we close', async () => {
  const most = mostJoinedBytes();
  const channel = Object.assign(new PassThrough(), { stderr: new PassThrough(), close: vi.fn() });
  const sessions = {
    exec: async () => Object.assign(channel, { write: () => true }) as unknown as ClientChannel,
    isGone: false,
    whyNoShell: () => 'no shell',
  } as unknown as Sessions;
  const child = createSshChildren({ sessions, heartbeatSeconds: 30 }).start(['uname', '-n']);
  await expect.poll(() => channel.listenerCount('data')).toBe(1);
  for (let sent = 0; sent < 50; sent += 1) channel.emit('data', Buffer.alloc(32 * 1024, 'x'));
  expect(channel.close).toHaveBeenCalledTimes(1);
  expect(most()).toBeLessThanOrEqual(96 * 1024);
  channel.emit('close');
  expect((await child?.ended)?.kind).toBe('not-started');
});

test('of a file over one channel no more is kept than was asked for, whatever is sent', async () => {
  const most = mostJoinedBytes();
  let answer: Answer | null = null;
  const server = {
    ask(_asked: unknown, given: Answer) {
      answer = given;
      return { end() {} };
    },
  } as unknown as VerbServer;
  const files = createChannelFiles(server);
  const sendAll = (): void => {
    for (let sent = 0; sent < 100; sent += 1) answer?.onOutput(Buffer.alloc(12_000, 'x'));
    answer?.onEnd(0);
  };
  const read = files.read('/proc/version', { maxBytes: 1000, deadlineSeconds: 60 });
  sendAll();
  expect(await read).toEqual({ outcome: 'read', text: 'x'.repeat(1000), truncated: true });
  const listed = files.list('/dev', { maxEntries: 10, deadlineSeconds: 60 });
  sendAll();
  expect(await listed).toMatchObject({ outcome: 'listed' });
  const late = files.read('/proc/stat', { maxBytes: 1_000_000, deadlineSeconds: 0.001 });
  expect(await late).toMatchObject({ outcome: 'failed' });
  sendAll();
  expect(most()).toBeLessThanOrEqual(11 * 256);
});
