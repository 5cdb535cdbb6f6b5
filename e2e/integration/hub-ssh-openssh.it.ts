import { mkdirSync, mkdtempSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writePlayer } from '../../agents/access/simulated/player/install.ts';
import type { HostDetail, SshHostsView, SshHostView, SshKeyView, SshTest } from '../../lib/model/index.ts';
import { gpufleet, recordedHost } from './support/played-agent.ts';
import { mustRun, type Outcome, runProgram } from './support/programs.ts';
import { send } from './support/pusher.ts';
import { makeKey, type SshServer, startSshServer } from './support/ssh-server.ts';
import { Cleanup, eventually, temporaryFolder } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

let folder: string;
let hub: TestHub;
let token: string;
let signedId: string;
let path: string;
/** Signs users and hosts. */
let userAuthority: string;
let hostAuthority: string;
/** With a certificate beside it. */
let signedKey: string;

/** `gpufleet hub ssh …` on the hub's data folder. */
const command = (...words: readonly string[]): Promise<Outcome> =>
  runProgram([...gpufleet, 'hub', 'ssh', ...words, '--data', hub.dataFolder], { seconds: 240 });
/** The same over the API, which is quicker. */
async function call<T>(method: string, to: string, body?: object): Promise<T> {
  const answer = await send(`${hub.url}/api/v1/${to}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(answer.status, `${method} ${to}: ${answer.body}`).toBeLessThan(300);
  return (answer.body === '' ? null : JSON.parse(answer.body)) as T;
}
const add = ({ port, user }: SshServer, more: object): Promise<SshHostView> =>
  call('POST', 'ssh-hosts', {
    ...{ address: '127.0.0.1', port, user, client: 'openssh', intervalSeconds: 1, keyId: signedId },
    ...more,
  });
const remove = async ({ port }: SshServer): Promise<void> =>
  call('DELETE', `ssh-hosts/${(await hostAt(port)).id}`);
async function told<T>(...words: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await command(...words, '--json');
  expect(code, `${words.join(' ')}: ${stderr}`).toBe(0);
  return JSON.parse(stdout) as T;
}
async function hostAt(port: number): Promise<SshHostView> {
  const { items } = await hub.getJson<SshHostsView>('/api/v1/ssh-hosts');
  const found = items.find((host) => host.port === port);
  if (found === undefined) throw new Error(`nothing at ${port}`);
  return found;
}
const until = (port: number, state: SshHostView['state'], code: string | null): Promise<SshHostView> =>
  eventually(
    async () => {
      const host = await hostAt(port);
      if (host.state !== state || (host.condition?.code ?? null) !== code)
        throw new Error(`${host.state}: ${host.condition?.code} ${host.condition?.text}`);
      return host;
    },
    { what: `${port} to be ${state} (${code})` },
  );
const where = ({ port, user }: SshServer): string => `${user}@127.0.0.1:${port}`;

/** Clients that the hub started, theirs included. */
async function clientsOf(pid: number): Promise<readonly string[]> {
  const { stdout } = await runProgram(['pgrep', '-a', '-P', String(pid)]);
  return stdout.split('\n').filter((line) => /\bssh\b/.test(line));
}

/** A host whose key and whose users are vouched for by an authority, and by nothing else. */
async function startSigned(lines: readonly string[] = []): Promise<SshServer> {
  const hostKey = await makeKey(folder);
  await mustRun([
    'ssh-keygen',
    '-q',
    '-s',
    hostAuthority,
    '-I',
    'gpu',
    '-h',
    '-n',
    '127.0.0.1',
    `${hostKey}.pub`,
  ]);
  return startSshServer(cleanup, {
    hostKey,
    lines: [
      `HostCertificate ${hostKey}-cert.pub`,
      `TrustedUserCAKeys ${userAuthority}.pub`,
      `SetEnv PATH=${path} HOME=${folder}`,
      ...lines,
    ],
  });
}

beforeAll(async () => {
  folder = temporaryFolder(cleanup, 'openssh');
  const { nvidiaSmi } = await writePlayer(join(folder, 'bin'), { recording: recordedHost('t4-cloud') });
  path = `${dirname(nvidiaSmi)}:/usr/local/bin:/usr/bin:/bin`;
  [userAuthority, hostAuthority, signedKey] = await Promise.all([
    makeKey(folder),
    makeKey(folder),
    makeKey(folder),
  ]);
  const { stdout: user } = await runProgram(['id', '-un']);
  await mustRun([
    'ssh-keygen',
    '-q',
    '-s',
    userAuthority,
    '-I',
    'hub',
    '-n',
    user.trim(),
    `${signedKey}.pub`,
  ]);
  mkdirSync(join(folder, '.ssh'), { mode: 0o700 });
  const authority = readFileSync(`${hostAuthority}.pub`, 'utf8').trim();
  writeFileSync(join(folder, '.ssh', 'known_hosts'), `@cert-authority * ${authority}\n`);
  hub = await startTestHub(cleanup, { options: ['--interval', '1s'], env: { HOME: folder } });
  token = await hub.apiToken('admin');
  signedId = (await call<SshKeyView>('POST', 'ssh-keys', { name: 'signed', path: signedKey })).id;
}, 240_000);

let signed: SshServer;

test('a host that needs certificates says so, and is read by the OpenSSH client', async () => {
  signed = await startSigned();
  await add(signed, { client: 'ssh2' });
  const failing = await until(signed.port, 'failing', 'needs-certificate');
  expect(failing.condition?.text).toContain('OpenSSH client');
  expect((await command('remove', where(signed))).stdout).toBe(`removed ${where(signed)}\n`);
  await told('add', where(signed), '--key', 'signed', '--client', 'openssh', '--interval', '1s');
  const { id } = await until(signed.port, 'reading', null);
  const host = await eventually(async () => {
    const now = await hub.getJson<HostDetail>(`/api/v1/hosts/${id}`);
    return now.gpus.length === 1 && now.current ? now : null;
  });
  expect(host.gpus[0]?.name).toBe('Tesla T4');
  const tested = await command('test', where(signed));
  expect([tested.code, tested.stdout]).toEqual([0, expect.stringMatching(/^nvidia-smi\tok\t1 GPU$/m)]);
  const listed = await command('list');
  expect(listed.stdout).toMatch(new RegExp(`^${id}\\t${where(signed)}\\t\\S+\\treading\\t-\\t\\S+Z$`, 'm'));
}, 240_000);

test('so is one behind a jump host that needs them too', async () => {
  const inner = await startSigned();
  await add(inner, { jumps: [where(signed)] });
  await until(inner.port, 'reading', null);
  expect(await hub.getJson('/api/v1/ssh-hosts')).toMatchObject({
    items: expect.arrayContaining([
      expect.objectContaining({ port: inner.port, jumps: [where(signed)], client: 'openssh' }),
    ]),
  });
  await remove(inner);
}, 240_000);

test('an unknown key waits for a person as with the hub’s own client; a key of the hub logs in', async () => {
  const leftByKilled = mkdtempSync('/dev/shm/gpufleet-ssh-');
  utimesSync(leftByKilled, 1, 1);
  const plain = await startSshServer(cleanup, { lines: [`SetEnv PATH=${path} HOME=${folder}`] });
  const { stdout: line, code } = await command('key', 'made');
  expect(code).toBe(0);
  writeFileSync(join(folder, 'made.pub'), line);
  plain.authorize(join(folder, 'made'));
  const { keys } = await hub.getJson<SshHostsView>('/api/v1/ssh-hosts');
  await add(plain, { keyId: keys.find(({ name }) => name === 'made')?.id });
  const { offeredKey } = await until(plain.port, 'waiting-for-key', 'unknown-key');
  const shown = (await mustRun(['ssh-keygen', '-lf', join(plain.folder, 'host-key.pub')])).split(' ')[1];
  expect(offeredKey).toMatchObject({ fingerprint: shown, place: `[127.0.0.1]:${plain.port}` });
  const refused = await command('test', where(plain), '--json');
  expect(refused.code).toBe(1);
  expect(JSON.parse(refused.stdout)).toMatchObject({
    offeredKey: { fingerprint: shown },
  } satisfies object as SshTest);
  const wrong = await command('accept', where(plain), '--fingerprint', 'SHA256:another');
  expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining(shown ?? '-')]);
  await told('accept', where(plain), '--fingerprint', shown ?? '');
  await until(plain.port, 'reading', null);
  // The client has the key by now, and nobody else; what a hub left that was killed is gone too.
  const left = readdirSync('/dev/shm').filter((name) => name.startsWith('gpufleet-ssh-'));
  expect(left).toEqual([]);
  await remove(plain);
}, 240_000);

test('a certificate that ran out is said', async () => {
  const late = await startSigned();
  const oldKey = await makeKey(folder);
  const term = ['-V', '20200101:20200102', '-n', late.user];
  await mustRun(['ssh-keygen', '-q', '-s', userAuthority, '-I', 'old', ...term, `${oldKey}.pub`]);
  const { id } = await call<SshKeyView>('POST', 'ssh-keys', { name: 'old', path: oldKey });
  await add(late, { keyId: id });
  await until(late.port, 'failing', 'refused');
  await remove(late);
}, 240_000);

test('a host that is removed, and a hub that is killed, leave no client behind', async () => {
  await until(signed.port, 'reading', null);
  expect((await clientsOf(hub.pid)).length).toBeGreaterThan(0);
  await remove(signed);
  await eventually(async () => (await clientsOf(hub.pid)).length === 0, { what: 'the client to be gone' });
  await add(signed, {});
  await until(signed.port, 'reading', null);
  const pids = (await clientsOf(hub.pid)).map((line) => line.split(' ')[0] ?? '');
  expect(pids.length).toBeGreaterThan(0);
  await hub.kill();
  await eventually(
    async () => (await runProgram(['ps', '-o', 'pid=', '-p', pids.join(',')])).stdout.trim() === '',
    {
      what: 'the clients of the killed hub to be gone',
    },
  );
}, 240_000);

test('without a running hub, and with words that do not do, one line says what', async () => {
  const away = await command('list');
  expect([away.code, away.stderr]).toEqual([
    3,
    expect.stringMatching(/^gpufleet hub: the hub \S+ cannot be reached: .*\n$/),
  ]);
  expect((await command('frobnicate')).code).toBe(2);
  await hub.start();
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [['add', 'gpu1'], 2, /--key: with which key/],
    [['add', 'gpu[3-1]', '--key', 'made'], 2, /\[3-1\] ends before it begins/],
    [['add', 'gpu1', '--key', 'made', '--client', 'putty'], 2, /client/],
    [['remove', 'nobody'], 2, /no SSH host nobody/],
  ];
  for (const [words, code, text] of cases) {
    const done = await command(...words);
    expect([done.code, done.stdout], words.join(' ')).toEqual([code, '']);
    expect(done.stderr).toMatch(text);
  }
  // The tokens that commands made for themselves are gone.
  expect(await hub.command('token', 'list')).not.toContain('command ');
}, 240_000);
