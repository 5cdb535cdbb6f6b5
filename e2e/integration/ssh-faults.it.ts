import { chmodSync, chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSshAccess, type SshAccess } from '../../agents/access/ssh/index.ts';
import { mustRun } from './support/programs.ts';
import { isAlive, rejectionOf, targetsOf } from './support/ssh-access.ts';
import { makeKey, type SshServer, startSshServer } from './support/ssh-server.ts';
import { Cleanup, eventually, freePort, temporaryFolder } from './support/temporary.ts';

const cleanup = new Cleanup();
const limits = { deadlineSeconds: 10, maxOutputBytes: 100_000 };
const isRoot = userInfo().uid === 0;
let folder: string;
let key: string;

beforeAll(async () => {
  folder = temporaryFolder(cleanup, 'ssh-faults');
  key = await makeKey(folder);
  if (!isRoot) process.stderr.write('ssh-faults: not root, so accounts and namespaces are not tried\n');
});

afterAll(() => cleanup.run(), 30_000);

interface Way {
  readonly user?: string;
  readonly host?: string;
  readonly heartbeatSeconds?: number;
}

async function open(server: SshServer, way: Way = {}): Promise<SshAccess> {
  const { heartbeatSeconds = 30, ...where } = way;
  const targets = await targetsOf(server, { folder, key, ...where });
  const access = await openSshAccess({ ...targets, heartbeatSeconds });
  cleanup.add(() => access.close());
  return access;
}

const fault = (server: SshServer, way: Way = {}) => rejectionOf(open(server, way));

/** A program over there that started another; gives their pids. */
async function startPair(access: SshAccess) {
  const stream = access.stream(['sh', '-c', 'echo $$; sleep 300 & echo $!; wait'], {
    startDeadlineSeconds: 10,
    sampleDeadlineSeconds: 60,
    maxLineBytes: 1000,
  });
  const pids: number[] = [];
  for await (const line of stream.lines) if (pids.push(Number(line)) === 2) break;
  expect(pids.every(isAlive)).toBe(true);
  return { stream, pids };
}

/** A server that an account which is not ours can log in to. */
async function serverForAll(lines: readonly string[]): Promise<SshServer> {
  const server = await startSshServer(cleanup, { lines });
  server.authorize(key);
  chmodSync(server.folder, 0o755);
  chmodSync(join(server.folder, 'authorized_keys'), 0o644);
  return server;
}

let accounts = 0;
async function addAccount(shell: string): Promise<string> {
  accounts += 1;
  const name = `gpufleet-t${process.pid % 10_000}-${accounts}`;
  await mustRun(['useradd', '--create-home', '--shell', shell, '--password', '*', name]);
  cleanup.add(async () => {
    await mustRun(['sh', '-c', `userdel -r -f ${name} 2>/dev/null; true`]);
  });
  return name;
}

describe.runIf(isRoot)('accounts', () => {
  test.each(['/usr/bin/fish', '/usr/bin/tcsh'])(
    "one whose login shell is %s, outside of Docker's group",
    async (shell) => {
      if (!existsSync(shell)) return;
      const user = await addAccount(shell);
      const access = await open(await serverForAll([]), { user });
      const command = ['printf', '%s|', 'a b', "it's", '$HOME', '!x', '\\n'] as const;
      expect((await access.run(command, limits)).stdout).toBe("a b|it's|$HOME|!x|\\n|");
      const socket = join(temporaryFolder(cleanup, 'docker'), 'docker.sock');
      chmodSync(join(socket, '..'), 0o755);
      const docker = createServer();
      await new Promise<void>((resolve) => docker.listen(socket, resolve));
      cleanup.add(() => docker.close());
      chmodSync(socket, 0o660);
      chownSync(socket, 0, 0);
      const refusal = await access.connect(socket, { deadlineSeconds: 5 }).catch((error) => error);
      expect(refusal).toMatchObject({ code: 'EACCES', message: expect.stringContaining('may not use it') });
      expect((await access.readFile('/proc/1/environ', { maxBytes: 10, deadlineSeconds: 5 })).outcome).toBe(
        'not-permitted',
      );
    },
  );

  test('one that expires while we are in: it is said at the next login, with what the host says', async () => {
    const user = await addAccount('/bin/sh');
    const byPam = await serverForAll(['UsePAM yes']);
    const byItself = await serverForAll([]);
    const access = await open(byPam, { user });
    await mustRun(['usermod', '--expiredate', '1', user]);
    // sshd asks at a login only, so whoever is in stays in until the connection ends.
    expect((await access.run(['true'], limits)).exitCode).toBe(0);
    await access.close();
    await access.disconnected;
    const refused = await fault(byPam, { user });
    expect(refused).toMatchObject({ condition: 'account-closed' });
    expect(refused.message).toMatch(/expired/);
    expect((await fault(byItself, { user })).condition).toBe('refused');
  });
});

test('a clock that is a year off is a note', async () => {
  const fake = join(folder, 'bin');
  mkdirSync(fake);
  writeFileSync(join(fake, 'date'), `#!/bin/sh\nexec /bin/date -d '+365 days' "$@"\n`, { mode: 0o755 });
  const forced = join(folder, 'year');
  writeFileSync(
    forced,
    `#!/bin/sh\nPATH=${fake}:$PATH; export PATH\necho Welcome\nexec /bin/sh -c "$SSH_ORIGINAL_COMMAND"\n`,
    { mode: 0o755 },
  );
  const server = await startSshServer(cleanup, { lines: [`ForceCommand ${forced}`] });
  server.authorize(key);
  const { notes } = await open(server);
  expect(notes.map(({ code }) => code)).toEqual(expect.arrayContaining(['clock-off', 'noisy-login']));
  expect(notes.find(({ code }) => code === 'clock-off')?.text).toContain('365 days ahead');
});

test.runIf(isRoot)(
  'a full disk is a note, and readings come all the same',
  async () => {
    const mount = 'mount -t tmpfs -o size=64k full /var && { cat /dev/zero >/var/full; exec "$@"; }';
    const server = await startSshServer(cleanup, { prefix: ['unshare', '-m', 'sh', '-c', mount, 'sh'] });
    server.authorize(key);
    const access = await open(server);
    expect(access.notes.find(({ code }) => code === 'disk-full')?.text).toContain('/var');
    expect((await access.readFile('/proc/version', { maxBytes: 999, deadlineSeconds: 5 })).outcome).toBe(
      'read',
    );
  },
  30_000,
);

test('output in the middle of which the session dies is not taken for whole', async () => {
  const server = await startSshServer(cleanup);
  server.authorize(key);
  const access = await open(server);
  const { stream, pids } = await startPair(access);
  const half = access.run(['sh', '-c', 'echo half; sleep 300'], { ...limits, deadlineSeconds: 60 });
  await eventually(async () => (await serverPids(server)).length > 0, { seconds: 5, what: 'the session' });
  await eventually(async () => (await mustRun(['ps', '-eo', 'args'])).includes('echo half;'), {
    seconds: 5,
    what: 'the second program',
  });
  for (const pid of await serverPids(server)) process.kill(pid, 'SIGKILL');
  expect(await half).toMatchObject({ outcome: 'cut', exitCode: null });
  expect((await stream.ended).reason).toBe('cut');
  await eventually(() => !pids.some(isAlive), { seconds: 10, what: 'the programs to be gone' });
});

/** The processes of sshd that serve a connection now. */
async function serverPids({ program }: SshServer): Promise<readonly number[]> {
  const rows = (await mustRun(['ps', '-e', '-o', 'pid=,ppid=,comm='])).trim().split('\n');
  return rows
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, name]) => name === 'sshd' && Number(parent) === program.pid)
    .map(([pid]) => Number(pid));
}

test('one that takes the connection and says nothing is told apart', async () => {
  const port = await freePort();
  const mute = createServer((socket) => socket.on('error', () => {}));
  await new Promise<void>((resolve) => mute.listen(port, '127.0.0.1', resolve));
  cleanup.add(() => mute.close());
  const server = await startSshServer(cleanup);
  server.authorize(key);
  const silent = fault({ ...server, port });
  // It holds nobody up.
  expect((await (await open(server)).run(['true'], limits)).exitCode).toBe(0);
  expect((await silent).condition).toBe('silent');
});

test.runIf(isRoot)(
  'packets that are dropped on the way end both sides',
  async () => {
    const name = `gf${process.pid % 100_000}`;
    const inside = ['ip', 'netns', 'exec', name] as const;
    await mustRun(['ip', 'netns', 'add', name]);
    cleanup.add(async () => {
      await mustRun(['ip', 'netns', 'del', name]);
    });
    const second = process.pid % 250;
    const [near, far] = [`10.213.${second}.1`, `10.213.${second}.2`];
    await mustRun(['ip', 'link', 'add', `${name}a`, 'type', 'veth', 'peer', 'name', 'far', 'netns', name]);
    await mustRun(['ip', 'addr', 'add', `${near}/30`, 'dev', `${name}a`]);
    await mustRun(['ip', 'link', 'set', `${name}a`, 'up']);
    await mustRun([...inside, 'ip', 'addr', 'add', `${far}/30`, 'dev', 'far']);
    for (const link of ['far', 'lo']) await mustRun([...inside, 'ip', 'link', 'set', link, 'up']);
    const server = await startSshServer(cleanup, { prefix: inside, lines: [`ListenAddress ${far}`] });
    server.authorize(key);
    const access = await open(server, { host: far, heartbeatSeconds: 3 });
    const { stream, pids } = await startPair(access);
    for (const chain of ['INPUT', 'OUTPUT']) await mustRun([...inside, 'iptables', '-P', chain, 'DROP']);
    await eventually(() => !pids.some(isAlive), { seconds: 10, what: 'the programs to be gone' });
    await access.disconnected;
    expect((await stream.ended).reason).toBe('cut');
  },
  30_000,
);
