import { chmodSync, copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HostAccess } from '../../agents/access/host-access.ts';
import { createLocalAccess } from '../../agents/access/local/index.ts';
import { writePlayer } from '../../agents/access/simulated/player/install.ts';
import { openOpenSshAccess, openSshAccess, type SshAccess } from '../../agents/access/ssh/index.ts';
import { scriptPath } from '../../agents/access/ssh/one-channel/script.ts';
import { recordedHost } from './support/played-agent.ts';
import { mustRun } from './support/programs.ts';
import { isAlive, settledReading, targetsOf, withoutTimes } from './support/ssh-access.ts';
import { makeKey, type SshServer, startSshServer } from './support/ssh-server.ts';
import { Cleanup, eventually, temporaryFolder } from './support/temporary.ts';

const cleanup = new Cleanup();
const limits = { deadlineSeconds: 10, maxOutputBytes: 100_000 };
const file = { maxBytes: 100_000, deadlineSeconds: 5 };
let folder: string;
let key: string;
let one: SshServer;
let nvidiaSmi: string;

beforeAll(async () => {
  folder = temporaryFolder(cleanup, 'ssh-one');
  [one, key] = await Promise.all([startSshServer(cleanup, { lines: ['MaxSessions 1'] }), makeKey(folder)]);
  one.authorize(key);
  ({ nvidiaSmi } = await writePlayer(join(folder, 'player'), {
    recording: recordedHost('h100x8-mig'),
    motion: false,
  }));
});

afterAll(() => cleanup.run());

async function open(server: SshServer, heartbeatSeconds = 30): Promise<SshAccess> {
  const targets = await targetsOf(server, { folder, key });
  const access = await openSshAccess({ ...targets, heartbeatSeconds });
  cleanup.add(() => access.close());
  return access;
}

const codes = ({ notes }: SshAccess): readonly string[] => notes.map(({ code }) => code);

async function reading(access: HostAccess) {
  const { gpus, stack } = await settledReading(access, nvidiaSmi);
  return withoutTimes({ gpus, stack }) as { gpus: unknown[] };
}

test('with MaxSessions 1 everything goes over one channel, and is as at home', async () => {
  const access = await open(one);
  const near = createLocalAccess();
  expect(codes(access)).toContain('one-session');
  for (const command of [
    ['sh', '-c', 'echo out; echo err >&2; echo $LC_ALL; exit 9'],
    ['sh', '-c', 'kill -9 $$'],
    ['printf', '%s|', 'a b', "it's", '"$HOME"', '!x', '\\n', '', '*'],
    ['printf', 'a\\0b\\n\\377'],
    ['head', '-c', '50000', '/bin/sh'],
    ['absent-program'],
    ['/absent/program'],
    ['/etc/passwd'],
  ] as [string, ...string[]][]) {
    const [far, own] = await Promise.all([access.run(command, limits), near.run(command, limits)]);
    const { outcome, exitCode, stdout } = own;
    expect(far, command.join(' ')).toMatchObject({ outcome, exitCode, stdout });
    if (outcome === 'exited') expect(far.stderr).toBe(own.stderr);
  }
  for (const path of ['/proc/version', '/proc/self/mounts', '/etc/passwd', '/absent', '/etc/passwd/below']) {
    const { outcome } = await near.readFile(path, file);
    expect((await access.readFile(path, file)).outcome, path).toBe(outcome);
  }
  expect(await access.readFile('/etc/passwd', { ...file, maxBytes: 10 })).toMatchObject({
    truncated: true,
    text: readFileSync('/etc/passwd', 'utf8').slice(0, 10),
  });
  const names = async (from: HostAccess) => {
    const listed = await from.listFolder('/etc', { maxEntries: 5000, deadlineSeconds: 5 });
    return listed.outcome === 'listed' ? [...listed.names].sort() : listed.message;
  };
  expect(await names(access)).toEqual(await names(near));
  const poured = await access.run(['yes'], { deadlineSeconds: 10, maxOutputBytes: 1000 });
  expect(poured).toMatchObject({ outcome: 'too-much-output', stdout: 'y\n'.repeat(500) });
  const script = 'trap "" TERM; sleep 300 & echo $$ $!; wait';
  const late = access.stream(['sh', '-c', script], {
    startDeadlineSeconds: 5,
    sampleDeadlineSeconds: 1,
    maxLineBytes: 1000,
  });
  let printed = '';
  for await (const line of late.lines) printed = line;
  expect((await late.ended).reason).toBe('sample-timeout');
  const pids = printed.split(' ').map(Number);
  expect(pids).toHaveLength(2);
  await eventually(() => !pids.some(isAlive), { seconds: 5, what: 'both to be gone' });
});

test('a reading over one channel has the GPUs that the host has', async () => {
  const [far, near] = [await reading(await open(one)), await reading(createLocalAccess())];
  expect(near.gpus).toHaveLength(8);
  expect(far).toEqual(near);
});

test.each([
  { most: 2, notes: ['one-session'] },
  { most: 4, notes: ['one-session'] },
  { most: 5, notes: [] },
])(
  'MaxSessions $most is enough to read a whole host, beside streams that go on',
  async ({ most, notes }) => {
    const server = await startSshServer(cleanup, { lines: [`MaxSessions ${most}`] });
    server.authorize(key);
    const access = await open(server);
    expect(codes(access).filter((code) => code === 'one-session')).toEqual(notes);
    // The place of the kernel log's, which this reading leaves out.
    const log = access.stream(['sh', '-c', 'echo on; sleep 300'], {
      startDeadlineSeconds: 30,
      sampleDeadlineSeconds: 300,
      maxLineBytes: 1000,
    });
    for await (const line of log.lines) if (line === 'on') break;
    const [far, near] = [await reading(access), await reading(createLocalAccess())];
    expect(near.gpus).toHaveLength(8);
    expect(far).toEqual(near);
    await log.stop();
    expect((await log.ended).reason).toBe('stopped');
  },
  60_000,
);

test.each(['the link is cut', 'no heartbeat comes'])(
  'when %s, nothing is left over there',
  async (how) => {
    const isSilent = how.startsWith('no');
    const access = await open(one, isSilent ? 2 : 30);
    const stream = access.stream(['sh', '-c', 'echo $$; sleep 300 & echo $!; wait'], {
      startDeadlineSeconds: 10,
      sampleDeadlineSeconds: 60,
      maxLineBytes: 1000,
    });
    const pids: number[] = [];
    for await (const line of stream.lines) if (pids.push(Number(line)) === 2) break;
    expect(pids.every(isAlive)).toBe(true);
    // Whoever serves the session: stopped, it neither closes the channel nor hands our heartbeats on.
    const servers = await sessionServers(one);
    for (const pid of servers) process.kill(pid, isSilent ? 'SIGSTOP' : 'SIGKILL');
    cleanup.add(() => {
      for (const pid of servers.filter(isAlive)) process.kill(pid, 'SIGKILL');
    });
    await eventually(() => !pids.some(isAlive), { seconds: 10, what: 'the programs to be gone' });
    for (const pid of servers.filter(isAlive)) process.kill(pid, 'SIGKILL');
    expect((await stream.ended).reason).toBe('cut');
    await access.disconnected;
  },
  30_000,
);

/** The processes of sshd that serve a connection now. */
async function sessionServers({ program }: SshServer): Promise<readonly number[]> {
  const parents = new Map(
    (await mustRun(['ps', '-e', '-o', 'pid=,ppid=,comm=']))
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , name]) => name === 'sshd')
      .map(([pid, parent]) => [Number(pid), Number(parent)]),
  );
  return [...parents].filter(([, parent]) => parent === program.pid).map(([pid]) => pid);
}

/** The script where a site would install it. */
function installed(): string {
  const path = join(folder, 'gpufleet-ssh');
  copyFileSync(scriptPath, path);
  chmodSync(path, 0o755);
  return path;
}

test('a forced command serves its list, and nothing else', async () => {
  const held = await startSshServer(cleanup);
  const own = await makeKey(folder);
  held.authorize(own, `restrict,command="${installed()}"`);
  const plain = key;
  key = own;
  const access = await open(held);
  key = plain;
  expect(codes(access)).toContain('held-to-list');
  expect(await access.run(['uname', '-m'], limits)).toMatchObject({ exitCode: 0 });
  expect((await access.readFile('/proc/version', file)).outcome).toBe('read');
  const refused = await access.run(['sh', '-c', `touch ${join(folder, 'ran')}`], limits);
  expect(refused).toMatchObject({ outcome: 'not-permitted', stderr: expect.stringContaining('list') });
  expect(existsSync(join(folder, 'ran'))).toBe(false);
  for (const path of ['/etc/shadow', '/proc/version/../../etc/shadow', '/proc/1/root/etc/shadow'])
    expect((await access.readFile(path, file)).outcome, path).toBe('not-permitted');
  const where = ['-p', String(held.port), '-i', own, '-o', 'StrictHostKeyChecking=no', '-o'] as const;
  const asked = await mustRun(
    ['sh', '-c', `ssh ${where.join(' ')} UserKnownHostsFile=/dev/null -T 127.0.0.1 id; true`],
    {},
  );
  expect(asked).toContain('this account serves gpufleet only');
});

test('by the OpenSSH client: certificates of both sides, and what is wrong with them', async () => {
  const authority = await makeKey(folder);
  const other = await makeKey(folder);
  const user = await makeKey(folder);
  const hostKey = await makeKey(folder);
  const sign = (by: string, ...words: readonly string[]) =>
    mustRun(['ssh-keygen', '-q', '-s', by, '-V', '+1h', ...words]);
  await sign(authority, '-I', 'host', '-h', '-n', '127.0.0.1', `${hostKey}.pub`);
  await sign(authority, '-I', 'ada', '-n', one.user, `${user}.pub`);
  const server = await startSshServer(cleanup, {
    hostKey,
    lines: [`HostCertificate ${hostKey}-cert.pub`, `TrustedUserCAKeys ${authority}.pub`, 'MaxSessions 1'],
  });
  const known = (by: string): string => {
    const path = join(folder, `authority-${by === authority}`);
    writeFileSync(path, `@cert-authority * ${readFileSync(`${by}.pub`, 'utf8')}`);
    return path;
  };
  const options = {
    host: '127.0.0.1',
    port: server.port,
    user: server.user,
    keyFile: user,
    certificateFile: null,
    knownHostsFile: known(authority),
    jumps: [],
    configFile: 'none',
  };
  const access = await openOpenSshAccess(options);
  expect(await access.run(['sh', '-c', 'echo out; exit 3'], limits)).toMatchObject({
    exitCode: 3,
    stdout: 'out\n',
  });
  const stream = access.stream(['sh', '-c', 'echo $$; sleep 300'], {
    startDeadlineSeconds: 10,
    sampleDeadlineSeconds: 60,
    maxLineBytes: 1000,
  });
  let pid = 0;
  for await (const line of stream.lines) {
    pid = Number(line);
    break;
  }
  expect(isAlive(pid)).toBe(true);
  await access.close();
  await access.disconnected;
  expect(isAlive(pid)).toBe(false);
  const fault = (changes: Partial<typeof options>) =>
    openOpenSshAccess({ ...options, ...changes }).then(
      () => 'let in',
      (error) => error.condition,
    );
  expect(await fault({ knownHostsFile: known(other) })).toBe('unknown-key');
  expect(await fault({ keyFile: other })).toBe('refused');
  chmodSync(user, 0o644);
  expect(await fault({})).toBe('key-permissions');
});
