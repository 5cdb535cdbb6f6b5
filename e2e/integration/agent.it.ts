import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writePlayer } from '../../agents/access/simulated/player/install.ts';
import type { HostDetail, HostSummary, Page, Push } from '../../lib/model/index.ts';
import { readPush } from '../../lib/protocol/read-push.ts';
import { patience } from './support/patience.ts';
import { recordedHost, root } from './support/played-agent.ts';
import { type RunningProgram, runProgram, startProgram } from './support/programs.ts';
import { Cleanup, eventually, sleep, temporaryFolder } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

/** The bundle, as a host without this repository runs it. */
const bundle = join(root, 'dist', 'agent', 'gpufleet-agent.mjs');
const recording = recordedHost('rtx4090x4');
const cleanup = new Cleanup();
afterAll(() => cleanup.run());

interface Place {
  readonly folder: string;
  readonly stateDir: string;
  readonly player: Awaited<ReturnType<typeof writePlayer>>;
  readonly command: readonly [string, ...string[]];
}

async function place(...options: string[]): Promise<Place> {
  const folder = temporaryFolder(cleanup, 'agent');
  const player = await writePlayer(join(folder, 'player'), { recording });
  const stateDir = join(folder, 'state');
  const fixed = [
    '--nvidia-smi',
    player.nvidiaSmi,
    '--state-dir',
    stateDir,
    '--no-docker',
    '--interval',
    '1s',
  ];
  return { folder, stateDir, player, command: [process.execPath, bundle, ...fixed, ...options] };
}

/** Processes of the player of this place, dead ones that nobody reaped left out. */
function playersOf({ folder }: Place): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(join(folder, 'player', 'player.json'));
      } catch {
        return false;
      }
    });
}

async function secondsToEnd(program: RunningProgram): Promise<number> {
  const startedAt = performance.now();
  await program.stop('SIGTERM', 10);
  return (performance.now() - startedAt) / 1000;
}

describe('with a hub that has its own certificate authority', () => {
  let hub: TestHub;
  let fingerprint: string;
  beforeAll(async () => {
    hub = await startTestHub(cleanup, { tlsAuto: true });
    const pem = readFileSync(join(hub.dataFolder, 'tls', 'ca.pem'));
    fingerprint = `sha256:${new X509Certificate(pem).fingerprint256}`;
  });

  test('the pinned fingerprint is enough, and the credential is kept for its owner only', async () => {
    const token = await hub.enrollmentToken();
    const at = await place('--hub', hub.url, '--token', token, '--ca-fingerprint', fingerprint, '--once');
    expect(await runProgram(at.command)).toMatchObject({ code: 0 });
    const credential = readFileSync(join(at.stateDir, 'credential.json'), 'utf8');
    expect(credential).toContain('gfa_');
    expect((await runProgram(['stat', '-c', '%a', join(at.stateDir, 'credential.json')])).stdout.trim()).toBe(
      '600',
    );
    const later = await place('--hub', hub.url, '--ca-fingerprint', fingerprint, '--once');
    mkdirSync(later.stateDir, { recursive: true });
    for (const name of ['credential.json', 'host.json'])
      writeFileSync(join(later.stateDir, name), readFileSync(join(at.stateDir, name)));
    expect(await runProgram(later.command)).toMatchObject({ code: 0 });
  });

  test('a name that the certificate does not carry is as good, since the authority signs this hub alone', async () => {
    const alias = createTcpServer((from) => {
      const to = connect(hub.port, '127.0.0.1');
      from.pipe(to).pipe(from);
      from.on('error', () => to.destroy());
      to.on('error', () => from.destroy());
    }).listen(0, '127.0.0.2');
    cleanup.add(() => new Promise<void>((resolve) => void alias.close(() => resolve())));
    await once(alias, 'listening');
    const url = `https://127.0.0.2:${(alias.address() as AddressInfo).port}`;
    const token = await hub.enrollmentToken();
    const trusting = await place('--hub', url, '--token', token, '--ca-fingerprint', fingerprint, '--once');
    expect(await runProgram(trusting.command)).toMatchObject({ code: 0 });
    const caFile = join(hub.dataFolder, 'tls', 'ca.pem');
    const named = await place('--hub', url, '--token', token, '--ca-file', caFile, '--once');
    expect((await runProgram(named.command)).code).toBe(3);
  });

  test('another fingerprint, and none, end without a word sent', async () => {
    const token = await hub.enrollmentToken();
    for (const trust of [['--ca-fingerprint', `sha256:${'ab'.repeat(32)}`], []]) {
      const at = await place('--hub', hub.url, '--token', token, ...trust, '--once');
      const ended = await runProgram(at.command);
      expect(ended.code).toBe(3);
      expect(ended.stderr).toMatch(/fingerprint|certificate/);
      expect(readdirSync(at.stateDir)).not.toContain('credential.json');
    }
  });
});

describe('ending', () => {
  test.each(['healthy', 'hanging'])(
    'SIGTERM with a %s driver: within 3 s, exit 0, nothing left behind',
    async (how) => {
      const at = await place('--listen', '127.0.0.1:0');
      const program = startProgram(cleanup, at.command);
      const [, port] = await program.seen(/metrics on 127\.0\.0\.1 port (\d+)/);
      const metrics = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      await eventually(async () => /^gpufleet_gpu_info\{/m.test(await metrics()));
      if (how === 'hanging') {
        await at.player.update({ recording, fault: { kind: 'hang-start', ignoreSigterm: true } });
        await sleep(11);
      }
      expect(await secondsToEnd(program)).toBeLessThan(3 * patience);
      expect((await program.ended).code).toBe(0);
      expect(playersOf(at)).toEqual([]);
      expect(readdirSync(at.stateDir)).not.toContain('lock');
    },
  );

  test('SIGKILL with a backlog: the next start sends every report that was kept, once, under its own number', async () => {
    const taken: Push[] = [];
    const hub = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { gunzipSync } = await import('node:zlib');
      const read = readPush(gunzipSync(Buffer.concat(chunks)));
      if (read.outcome !== 'read') return response.writeHead(400).end();
      taken.push(read.value);
      const accepted = read.value.reports.length;
      const serverTime = new Date().toISOString();
      response.writeHead(202, { 'content-type': 'application/json' });
      return response.end(
        JSON.stringify({ accepted, duplicates: 0, intervalSeconds: 1, serverTime, backlogReports: 5 }),
      );
    });
    const reserve = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => reserve.once('listening', resolve));
    const { port } = reserve.address() as AddressInfo;
    await new Promise((resolve) => reserve.close(resolve));
    const at = await place('--hub', `http://127.0.0.1:${port}`, '--token', `gfa_${'t'.repeat(43)}`);
    const first = startProgram(cleanup, at.command);
    await first.seen(/reports are kept/);
    await sleep(5);
    await first.stop('SIGKILL');
    await eventually(() => playersOf(at).length === 0, { what: 'the stream to end with its reader' });

    hub.listen(port, '127.0.0.1');
    cleanup.add(() => new Promise((resolve) => hub.close(resolve)));
    const second = startProgram(cleanup, at.command);
    const old = (): number[] =>
      taken.flatMap(({ reports }) =>
        reports.filter((each) => each.ageSeconds === null).map((each) => each.sequence),
      );
    await eventually(() => old().length >= 2 && taken.at(-1)?.agent.spooledReports === 0, { seconds: 20 });
    expect(await secondsToEnd(second)).toBeLessThan(3 * patience);
    const kept = old().sort((a, b) => a - b);
    expect(kept).toEqual(kept.map((_, index) => index + 1));
    const all = taken.flatMap(({ reports }) => reports.map((each) => each.sequence));
    expect(new Set(all).size).toBe(all.length);
    expect(new Set(taken.map(({ agent }) => agent.epoch)).size).toBe(1);
    expect(taken[0]?.reports[0]?.ageSeconds).not.toBeNull();
  });
});

describe('bad beginnings: one line, and the exit code', () => {
  test('two agents in one state folder', async () => {
    const at = await place('--listen', '127.0.0.1:0');
    const program = startProgram(cleanup, at.command);
    await program.seen(/metrics on/);
    const second = await runProgram(at.command);
    expect(second.code).toBe(3);
    expect(second.stderr).toMatch(
      new RegExp(`^gpufleet agent: another agent \\(pid ${program.pid}\\) uses .*\n$`),
    );
    await program.stop();
  });

  test('a folder that cannot be written, as on a full disk: what runs the agent starts it again', async () => {
    const at = await place('--listen', '127.0.0.1:0');
    mkdirSync(join(at.folder, 'state'), { mode: 0o700 });
    writeFileSync(join(at.folder, 'state', 'spool'), 'no folder');
    const ended = await runProgram(at.command);
    expect(ended.stderr).toMatch(/state\/spool: /);
    expect(ended.code).toBe(3);
  });

  test.each([
    ['a port in use', ['--listen'], 3, /--listen: .*EADDRINUSE/],
    [
      'a token file that is not there',
      ['--hub', 'http://127.0.0.1:1', '--token-file', '/nonexistent'],
      2,
      /--token-file: .*there is no such file/,
    ],
    [
      'a token file without a token',
      ['--hub', 'http://127.0.0.1:1', '--token-file', '/etc/hostname'],
      2,
      /holds no token/,
    ],
    ['no hub', [], 2, /--hub: is needed/],
    ['an unknown option', ['--frob'], 2, /--frob: there is no such option/],
    [
      'a hub that is away',
      ['--hub', 'http://127.0.0.1:1', '--token', `gfa_${'t'.repeat(43)}`, '--once'],
      3,
      /ECONNREFUSED/,
    ],
  ] as const)('%s', async (_name, options, code, said) => {
    const busy = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => busy.once('listening', resolve));
    const address = `127.0.0.1:${(busy.address() as AddressInfo).port}`;
    const at = await place(...options, ...(options.at(-1) === '--listen' ? [address] : []));
    const ended = await runProgram(at.command);
    busy.close();
    expect(ended.stderr).toMatch(said);
    expect(ended.code).toBe(code);
  });
});

test('--once --stdout prints all that would leave the host, and a hub would read it', async () => {
  const at = await place('--once', '--stdout');
  const { code, stdout } = await runProgram(at.command);
  expect(code).toBe(0);
  const read = readPush(Buffer.from(stdout));
  expect(read).toMatchObject({ outcome: 'read', value: { reports: [{ condition: 'ok' }] } });
  expect(readdirSync(at.folder)).not.toContain('state');
});

test('the one file is a doctor too, and says that it reads no recordings', async () => {
  const at = await place();
  const own = [process.execPath, bundle, 'doctor'] as const;
  const asked = await runProgram([...own, '--json', '--nvidia-smi', at.player.nvidiaSmi]);
  expect([0, 1]).toContain(asked.code);
  expect(JSON.parse(asked.stdout)).toMatchObject({ findings: expect.any(Array), passed: expect.any(Array) });
  const refused = await runProgram([...own, '--recorded', 'anything']);
  expect([refused.code, refused.stderr.trim().split('\n').length]).toEqual([2, 1]);
});

test('a value that nvidia-smi prints is at the hub within two seconds', async () => {
  const hub = await startTestHub(cleanup, { options: ['--interval', '1s'] });
  const at = await place('--hub', hub.url, '--token', await hub.enrollmentToken());
  const agent = startProgram(cleanup, at.command);
  await agent.seen(/reporting to/);
  const [host] = (await hub.getJson<Page<HostSummary>>('/api/v1/hosts')).items;
  await sleep(3);
  await at.player.update({ recording, set: { 2: { 'temperature.gpu': 77 } } });
  const startedAt = performance.now();
  await eventually(
    async () =>
      (await hub.getJson<HostDetail>(`/api/v1/hosts/${host?.id}`)).gpus[2]?.temperature.gpuCelsius === 77,
    { everySeconds: 0.05 },
  );
  expect(performance.now() - startedAt).toBeLessThan(2000 * patience);
  await agent.stop();
});
