import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HostAccess } from '../../agents/access/host-access.ts';
import { createLocalAccess } from '../../agents/access/local/index.ts';
import { writePlayer } from '../../agents/access/simulated/player/install.ts';
import {
  openSshAccess,
  parseAddress,
  resolveTargets,
  type SshAccess,
} from '../../agents/access/ssh/index.ts';
import { gpufleet, recordedHost } from './support/played-agent.ts';
import { mustRun, runProgram } from './support/programs.ts';
import { isAlive, rejectionOf, settledReading, withoutTimes } from './support/ssh-access.ts';
import { makeKey, type SshServer, startSshServer } from './support/ssh-server.ts';
import { Cleanup, eventually, freePort, sleep, temporaryFolder } from './support/temporary.ts';

const cleanup = new Cleanup();
const limits = { deadlineSeconds: 10, maxOutputBytes: 100_000 };
const streamLimits = { startDeadlineSeconds: 10, sampleDeadlineSeconds: 60, maxLineBytes: 1000 };
let folder: string;
let server: SshServer;
let key: string;
let nvidiaSmi: string;

/** Played nvidia-smi, a key that the server takes, and no other way in. */
beforeAll(async () => {
  folder = temporaryFolder(cleanup, 'ssh');
  [server, key] = await Promise.all([startSshServer(cleanup), makeKey(folder)]);
  server.authorize(key);
  ({ nvidiaSmi } = await writePlayer(join(folder, 'player'), {
    recording: recordedHost('h100x8-mig'),
    motion: false,
  }));
});

afterAll(() => cleanup.run());

let files = 0;
function knownHosts(...lines: readonly string[]): string {
  files += 1;
  const path = join(folder, `known-${files}`);
  writeFileSync(path, `# of a test\n${lines.join('\n')}\n`);
  return path;
}

interface Way {
  readonly port?: number;
  readonly keyFile?: string | null;
  readonly known?: string | null;
  readonly passphrase?: string;
  readonly agentSocket?: string;
  readonly home?: string;
  readonly where?: string;
  readonly heartbeatSeconds?: number;
}

/** By the same road as the command: address, ~/.ssh, known_hosts, connection. */
async function open(way: Way = {}): Promise<SshAccess> {
  const port = way.port ?? server.port;
  const targets = await resolveTargets(parseAddress(way.where ?? `${server.user}@127.0.0.1:${port}`)!, {
    home: way.home ?? folder,
    user: server.user,
    keyFile: way.keyFile === undefined ? key : way.keyFile,
    knownHostsFile: way.known === undefined ? knownHosts(server.knownHostsLine) : way.known,
    passphrase: way.passphrase ?? null,
    agentSocket: way.agentSocket ?? null,
  });
  const access = await openSshAccess({ ...targets, heartbeatSeconds: way.heartbeatSeconds ?? 30 });
  cleanup.add(() => access.close());
  return access;
}

const fault = (way: Way) => rejectionOf(open(way));

/** A way to the server that can be cut, or left open and silent. */
async function startLink(): Promise<{ port: number; cut(): void; silence(): void }> {
  const pairs: [Socket, Socket][] = [];
  const link: Server = createServer((near) => {
    const far = connect({ host: '127.0.0.1', port: server.port });
    pairs.push([near, far]);
    for (const socket of [near, far]) socket.on('error', () => {});
    near.pipe(far).pipe(near);
  });
  const port = await freePort();
  await new Promise<void>((resolve) => link.listen(port, '127.0.0.1', resolve));
  const each = (what: (socket: Socket) => unknown): void => {
    for (const pair of pairs) for (const socket of pair) what(socket);
  };
  cleanup.add(() => {
    each((socket) => socket.destroy());
    link.close();
  });
  return {
    port,
    cut: () => each((socket) => socket.destroy()),
    silence: () => {
      for (const [near, far] of pairs) {
        near.unpipe(far);
        far.unpipe(near);
        near.pause();
        far.pause();
      }
    },
  };
}

const hostKeyFor = (port: number): string => server.knownHostsLine.replace(`:${server.port}`, `:${port}`);

describe('a host over SSH answers as the same host does at home', () => {
  test('links are followed as readlink -f follows them, paths looked for as test -e does, and no program is started for it', async () => {
    const access = await open();
    const at = (name: string): string => join(folder, 'links', name);
    mkdirSync(at('deep'), { recursive: true });
    writeFileSync(at('deep/file'), '');
    symlinkSync('deep/file', at('to-file'));
    symlinkSync('to-file', at('to-link'));
    symlinkSync('deep', at('to-folder'));
    symlinkSync('loop', at('loop'));
    const paths = ['to-file', 'to-link', 'to-folder/file', 'to-folder/../to-link', 'loop', 'none/file'].map(
      at,
    );
    const wanted = await runProgram(['readlink', '-f', ...paths]);
    const sessions = (): number => server.program.output().split('Starting session: command').length;
    const before = sessions();
    const told = await access.run(['readlink', '-f', ...paths], limits);
    expect(told).toMatchObject({ outcome: 'exited', exitCode: wanted.code, stdout: wanted.stdout });
    expect(sessions()).toBe(before);
    for (const name of ['to-link', 'deep', 'loop', 'none', 'none/file'])
      expect(await access.run(['test', '-e', at(name)], limits), name).toMatchObject({
        exitCode: (await runProgram(['test', '-e', at(name)])).code,
        stdout: '',
      });
    expect(sessions()).toBe(before);
    const one = await access.run(['readlink', '-f', at('to-link')], limits);
    expect(one).toMatchObject({ exitCode: 0, stdout: `${at('deep/file')}\n` });
  });

  test('programs, files, folders', async () => {
    const access = await open();
    const near = createLocalAccess();
    const script = 'echo out; echo err >&2; echo $LC_ALL; exit 9';
    for (const command of [
      ['sh', '-c', script],
      ['sh', '-c', 'kill -9 $$'],
      ['printf', '%s|', 'a b', "it's", '"$HOME"', '!x', '\\n', '', '*'],
      ['absent-program'],
      ['/absent/program'],
      ['/etc/passwd'],
    ] as [string, ...string[]][]) {
      const [far, own] = await Promise.all([access.run(command, limits), near.run(command, limits)]);
      const { durationSeconds: _, ...told } = far;
      const wanted = { outcome: own.outcome, exitCode: own.exitCode, stdout: own.stdout };
      expect(told, command.join(' ')).toMatchObject(wanted);
      if (own.outcome === 'exited') expect(told.stderr).toBe(own.stderr);
    }
    const file = { maxBytes: 100_000, deadlineSeconds: 5 };
    for (const path of ['/proc/version', '/etc/passwd', '/absent', '/etc/passwd/below'])
      expect(await access.readFile(path, file), path).toMatchObject({
        ...(await near.readFile(path, file)),
        ...(path.startsWith('/absent') || path.endsWith('below') ? { message: expect.any(String) } : {}),
      });
    expect(await access.readFile('/etc/passwd', { maxBytes: 10, deadlineSeconds: 5 })).toMatchObject({
      truncated: true,
      text: readFileSync('/etc/passwd', 'utf8').slice(0, 10),
    });
    const names = async (from: HostAccess): Promise<readonly string[]> => {
      const listed = await from.listFolder('/etc', { maxEntries: 5000, deadlineSeconds: 5 });
      return listed.outcome === 'listed' ? [...listed.names].sort() : [listed.message];
    };
    expect(await names(access)).toEqual(await names(near));
    expect(await access.hostname()).toBe(await near.hostname());
  });

  test('a forwarded socket carries bytes; one that cannot be had says why', async () => {
    const access = await open();
    const path = join(folder, 'echo.sock');
    const echo = createServer((socket) => socket.pipe(socket));
    await new Promise<void>((resolve) => echo.listen(path, resolve));
    cleanup.add(() => echo.close());
    const socket = await access.connect(path, { deadlineSeconds: 5 });
    socket.write('hello');
    const heard = await new Promise<string>((resolve) =>
      socket.once('data', (chunk: Buffer) => resolve(chunk.toString())),
    );
    socket.destroy();
    expect(heard).toBe('hello');
    const refusal = (at: string) => access.connect(at, { deadlineSeconds: 5 }).catch((error) => error.code);
    expect(await refusal(join(folder, 'absent.sock'))).toBe('ENOENT');
    writeFileSync(join(folder, 'plain'), '');
    expect(await refusal(join(folder, 'plain'))).toBe('ECONNREFUSED');
  });

  test('what pours out, or takes too long, is ended with all that it started', async () => {
    const access = await open();
    const poured = await access.run(['yes'], { deadlineSeconds: 10, maxOutputBytes: 1000 });
    expect(poured).toMatchObject({ outcome: 'too-much-output', stdout: 'y\n'.repeat(500) });
    const script = 'trap "" TERM; sleep 300 & echo $$ $!; wait';
    const late = await access.run(['sh', '-c', script], { deadlineSeconds: 1, maxOutputBytes: 1000 });
    expect(late.outcome).toBe('timeout');
    const pids = late.stdout.trim().split(' ').map(Number);
    expect(pids).toHaveLength(2);
    await eventually(() => pids.every((pid) => !isAlive(pid)), { seconds: 5, what: 'both to be gone' });
  });

  test('a whole reading is the same, field by field', async () => {
    const near = await settledReading(createLocalAccess(), nvidiaSmi);
    const far = await settledReading(await open(), nvidiaSmi);
    expect(near.gpus).toHaveLength(8);
    expect(withoutTimes(far)).toEqual(withoutTimes(near));
  });
});

describe('trust', () => {
  test('only a key that known_hosts has is spoken to', async () => {
    const other = readFileSync(`${await makeKey(folder)}.pub`, 'utf8');
    const place = `[127.0.0.1]:${server.port}`;
    const shown = (await mustRun(['ssh-keygen', '-lf', join(server.folder, 'host-key.pub')])).split(' ')[1];
    expect(await fault({ known: knownHosts('elsewhere.example ssh-ed25519 AAAA') })).toMatchObject({
      condition: 'unknown-key',
      fingerprint: shown,
      message: expect.stringContaining(shown ?? 'none'),
    });
    expect(await fault({ known: knownHosts(`${place} ${other}`) })).toMatchObject({
      condition: 'changed-key',
      fingerprint: shown,
    });
    const revoked = knownHosts(
      server.knownHostsLine,
      `@revoked * ${server.knownHostsLine.split(' ').slice(1).join(' ')}`,
    );
    expect((await fault({ known: revoked })).condition).toBe('revoked-key');
    expect((await fault({ known: knownHosts(`@cert-authority * ${other}`) })).message).toContain(
      '@cert-authority',
    );
    // Nothing of the four came as far as a login.
    expect(server.program.output()).not.toMatch(/Failed|Invalid user/);
  });

  test('names that ssh-keygen hashed are found', async () => {
    const known = knownHosts(server.knownHostsLine);
    await mustRun(['ssh-keygen', '-q', '-H', '-f', known]);
    expect(readFileSync(known, 'utf8')).toContain('|1|');
    expect((await (await open({ known })).run(['true'], limits)).exitCode).toBe(0);
  });
});

describe('identity', () => {
  test('keys of each kind, with and without passphrase; what is wrong with one is said', async () => {
    const secret = await makeKey(folder, 'ed25519', 'correct horse');
    for (const path of [secret, await makeKey(folder, 'rsa'), await makeKey(folder, 'ecdsa')]) {
      server.authorize(path);
      expect(
        (await (await open({ keyFile: path, passphrase: 'correct horse' })).run(['true'], limits)).exitCode,
      ).toBe(0);
    }
    expect((await fault({ keyFile: secret })).message).toMatch(/is encrypted; give its passphrase/);
    const wrong = await fault({ keyFile: secret, passphrase: 'wrong horse' });
    expect(wrong).toMatchObject({ condition: 'identity' });
    expect(wrong.message).not.toContain('wrong horse');
    expect((await fault({ keyFile: await makeKey(folder) })).condition).toBe('refused');
    expect((await fault({ keyFile: `${key}.pub` })).condition).toBe('identity');
    const open644 = join(folder, 'open-key');
    writeFileSync(open644, readFileSync(key), { mode: 0o644 });
    expect((await fault({ keyFile: open644 })).message).toContain('others may read it');
  });

  test("an ssh-agent's key, through a jump host, by ~/.ssh/config alone", async () => {
    const jump = await startSshServer(cleanup);
    const own = await makeKey(folder);
    for (const each of [server, jump]) each.authorize(own);
    const home = temporaryFolder(cleanup, 'home');
    await mustRun(['mkdir', '-m', '700', join(home, '.ssh')]);
    writeFileSync(join(home, '.ssh', 'known_hosts'), `${server.knownHostsLine}\n${jump.knownHostsLine}\n`);
    writeFileSync(
      join(home, '.ssh', 'config'),
      [
        `Match exec "touch ${join(home, 'ran')}"`,
        '  User nobody',
        'Host gpu-*',
        '  HostName 127.0.0.1',
        `  Port ${server.port}`,
        `  ProxyJump 127.0.0.1:${jump.port}`,
      ].join('\n'),
    );
    const agentSocket = join(home, 'agent.sock');
    const pid = Number(
      (await mustRun(['ssh-agent', '-s', '-a', agentSocket])).match(/SSH_AGENT_PID=(\d+)/)?.[1],
    );
    cleanup.add(() => process.kill(pid));
    await mustRun(['ssh-add', '-q', own], { env: { SSH_AUTH_SOCK: agentSocket } });
    const access = await open({ where: 'gpu-17', home, keyFile: null, known: null, agentSocket });
    expect((await access.run(['echo', 'there'], limits)).stdout).toBe('there\n');
    expect(jump.program.output()).toMatch(/Accepted publickey/);
    expect(() => readFileSync(join(home, 'ran'))).toThrow();
    await access.close();
  });
});

describe('servers and links that go wrong', () => {
  test('a login that prints, another locale, no SFTP', async () => {
    const noisy = join(folder, 'noisy');
    writeFileSync(
      noisy,
      '#!/bin/sh\necho "Welcome to gpu-17"; echo "quota: 80 %" >&2; export LC_ALL=de_DE.UTF-8\nexec /bin/sh -c "$SSH_ORIGINAL_COMMAND"\n',
      { mode: 0o755 },
    );
    const other = await startSshServer(cleanup, {
      lines: [`ForceCommand ${noisy}`, 'Subsystem none /bin/false'],
    });
    other.authorize(key);
    const access = await open({ port: other.port, known: knownHosts(other.knownHostsLine) });
    const result = await access.run(['sh', '-c', 'echo $LC_ALL; echo e >&2'], limits);
    expect(result).toMatchObject({ exitCode: 0, stdout: 'C\n', stderr: 'e\n' });
    const file = { maxBytes: 1000, deadlineSeconds: 5 };
    expect(await access.readFile('/proc/version', file)).toMatchObject({
      text: readFileSync('/proc/version', 'utf8'),
    });
    expect((await access.readFile('/absent', file)).outcome).toBe('absent');
    expect((await access.listFolder('/absent', { maxEntries: 5, deadlineSeconds: 5 })).outcome).toBe(
      'absent',
    );
  });

  test('MaxSessions 2 is enough to go on with', async () => {
    const two = await startSshServer(cleanup, { lines: ['MaxSessions 2'] });
    two.authorize(key);
    const access = await open({ port: two.port, known: knownHosts(two.knownHostsLine) });
    const all = await Promise.all(
      Array.from({ length: 6 }, (_, at) => access.run(['echo', `${at}`], limits)),
    );
    expect(all.map(({ stdout }) => stdout.trim())).toEqual(['0', '1', '2', '3', '4', '5']);
    // Sessions of its own would leave none beside the collector's streams.
    expect(access.notes).toContainEqual({
      code: 'one-session',
      text: expect.stringContaining('allows 2 sessions'),
    });
  });

  test('no shell, nobody there, and one who talks without end', async () => {
    const shut = await startSshServer(cleanup, {
      lines: ['ForceCommand echo This account is not available; exit 1'],
    });
    shut.authorize(key);
    expect((await fault({ port: shut.port, known: knownHosts(shut.knownHostsLine) })).condition).toBe(
      'no-shell',
    );
    expect((await fault({ port: await freePort() })).condition).toBe('unreachable');
    const port = await freePort();
    const talker = createServer((socket) => {
      socket.on('error', () => {});
      const talk = (): void => {
        while (socket.write(`${'x'.repeat(200)}\r\n`));
        socket.once('drain', talk);
      };
      talk();
    });
    await new Promise<void>((resolve) => talker.listen(port, '127.0.0.1', resolve));
    cleanup.add(() => talker.close());
    expect((await fault({ port })).condition).toBe('endless-banner');
  });

  test.each(['cut', 'silence'] as const)(
    'a link that ends by %s leaves no program over there',
    async (how) => {
      const link = await startLink();
      const known = knownHosts(hostKeyFor(link.port));
      const access = await open({ port: link.port, known, heartbeatSeconds: 2 });
      const stream = access.stream(['sh', '-c', 'echo $$; sleep 300 & echo $!; wait'], streamLimits);
      const pids: number[] = [];
      for await (const line of stream.lines) if (pids.push(Number(line)) === 2) break;
      // Twice as long as the helper would wait without a heartbeat.
      if (how === 'silence') await sleep(4);
      expect(pids.every(isAlive)).toBe(true);
      link[how]();
      await eventually(() => !pids.some(isAlive), { seconds: 10, what: 'the programs to be gone' });
      if (how === 'cut') {
        await access.disconnected;
        expect((await stream.ended).reason).toBe('cut');
        expect(await access.run(['true'], limits)).toMatchObject({
          outcome: 'cut',
          stderr: expect.stringContaining('cut'),
        });
      }
      await access.close();
    },
  );
});

test('gpufleet capture --ssh records the other host; one that it may not trust it leaves alone', async () => {
  const saved = join(folder, 'capture.tar.gz');
  const where = [
    ...gpufleet,
    'capture',
    '--ssh',
    `${server.user}@127.0.0.1:${server.port}`,
    '--ssh-key',
    key,
  ] as const;
  const own = ['--nvidia-smi', nvidiaSmi, '--no-docker', '-o', saved];
  const refused = await runProgram([...where, '--ssh-known-hosts', knownHosts('x ssh-ed25519 AAAA'), ...own]);
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('SHA256:') });
  expect(() => readFileSync(saved)).toThrow();
  await mustRun([...where, '--ssh-known-hosts', knownHosts(server.knownHostsLine), ...own]);
  const { report } = JSON.parse(await mustRun([...gpufleet, 'replay', saved, '--json'])) as {
    report: { gpus: { name: string }[] };
  };
  expect(report.gpus.map(({ name }) => name)).toEqual(
    Array.from({ length: 8 }, () => 'NVIDIA H100 80GB HBM3'),
  );
});
