import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writePlayer } from '../../agents/access/simulated/player/install.ts';
import type { Alert, HostDetail, Page } from '../../lib/model/index.ts';
import { playersAt } from './support/open-files.ts';
import { gpufleet, recordedHost } from './support/played-agent.ts';
import { type RunningProgram, runProgram, startProgram } from './support/programs.ts';
import { send } from './support/pusher.ts';
import { Cleanup, eventually, sleep, temporaryFolder } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

const recording = recordedHost('rtx4090x4');
const cleanup = new Cleanup();
afterAll(() => cleanup.run());

let hub: TestHub;
let operator: string;
let viewer: string;

interface Played {
  /** Of the played nvidia-smi, with the device files that it holds open. */
  readonly playerFolder: string;
  readonly stateFolder: string;
  readonly command: readonly [string, ...string[]];
  readonly agent: RunningProgram;
  readonly id: string;
}

const hostById = (id: string): Promise<HostDetail> => hub.getJson<HostDetail>(`/api/v1/hosts/${id}`);
const holders = ({ playerFolder }: Played): readonly number[] => playersAt(playerFolder);
const until = (at: Played, state: HostDetail['state'], seconds = 15): Promise<HostDetail> =>
  eventually(
    async () => {
      const host = await hostById(at.id);
      return host.state === state ? host : null;
    },
    { seconds, what: `${at.id} to be ${state}\n${at.agent.output()}` },
  );

async function play(group: string): Promise<Played> {
  const folder = temporaryFolder(cleanup, 'pause');
  const playerFolder = join(folder, 'player');
  mkdirSync(join(playerFolder, 'dev'), { recursive: true });
  const devices = ['dev/nvidiactl', 'dev/nvidia0'];
  for (const name of devices) writeFileSync(join(playerFolder, name), '');
  const player = await writePlayer(playerFolder, { recording, devices });
  const stateFolder = join(folder, 'state');
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, await hub.enrollmentToken(), { mode: 0o600 });
  const options = ['--hub', hub.url, '--token-file', tokenFile, '--nvidia-smi', player.nvidiaSmi];
  const rest = ['--state-dir', stateFolder, '--interval', '1s', '--no-docker', '--label', `group=${group}`];
  const command = [...gpufleet, 'agent', ...options, ...rest] as const;
  const agent = startProgram(cleanup, command);
  await agent.seen(/reporting to .* \(([0-9a-f-]{36})\)/);
  const [, id = ''] = agent.output().match(/\(([0-9a-f-]{36})\)/) ?? [];
  const at: Played = { playerFolder, stateFolder, command, agent, id };
  await until(at, 'ok');
  await eventually(() => holders(at).length > 0, { what: 'the stream to hold the devices' });
  return at;
}

const control = (at: Pick<Played, 'stateFolder'>, ...words: string[]) =>
  runProgram([...gpufleet, 'agent', ...words, '--state-dir', at.stateFolder]);

const ask = async (path: string, body: unknown, token = operator) =>
  send(`${hub.url}${path}`, {
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

/** Nothing opens the devices for so long. */
async function staysAway(at: Played, seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    expect(holders(at)).toEqual([]);
    await sleep(0.1);
  }
}

beforeAll(async () => {
  hub = await startTestHub(cleanup, { options: ['--interval', '1s', '--alert-host-gone-after', '2s'] });
  [operator, viewer] = await Promise.all([hub.apiToken('operator'), hub.apiToken('viewer')]);
});

test('agent pause: within 2 s nothing holds a device or a stream; shown as paused and not alerting; resumes by itself', async () => {
  const at = await play('paused-here');
  const paused = await control(at, 'pause', '--for', '7s', '--reason', 'driver upgrade', '--json');
  expect(paused).toMatchObject({ code: 0, stderr: '' });
  expect(holders(at)).toEqual([]);
  const answer = JSON.parse(paused.stdout);
  expect(answer).toMatchObject({
    ok: true,
    pid: at.agent.pid,
    stuckPids: [],
    pause: { reason: 'driver upgrade' },
  });
  const host = await until(at, 'paused', 3);
  expect(host).toMatchObject({ current: false, condition: 'paused', pause: { kind: 'command', by: 'root' } });
  expect(host.stateReason).toMatch(/^paused by root until \d\d:\d\d UTC: driver upgrade$/);
  expect(host.gpus).toHaveLength(4);
  await staysAway(at, 3.5);
  expect((await hostById(at.id)).state).toBe('paused');
  expect((await hub.getJson<Page<Alert>>('/api/v1/alerts')).items).toEqual([]);
  expect(await hub.getText('/metrics')).toMatch(
    new RegExp(`^gpufleet_host_up\\{host="${host.hostname}"\\} 1$`, 'm'),
  );
  await until(at, 'ok', 10);
  expect(holders(at).length).toBeGreaterThan(0);
  await at.agent.stop();
});

describe('from the hub', () => {
  test('an operator pauses a group and ends it; the audit log knows; a viewer may not', async () => {
    const at = await play('rack-7');
    expect((await ask('/api/v1/pauses', { groups: ['rack-7'] }, viewer)).status).toBe(403);
    expect((await ask('/api/v1/pauses', { groups: ['nowhere'] })).status).toBe(404);
    expect((await ask('/api/v1/pauses', {})).status).toBe(422);
    expect((await ask('/api/v1/pauses', { hosts: [at.id], forSeconds: 86_401 })).status).toBe(422);
    const asked = await ask('/api/v1/pauses', { groups: ['rack-7'], forSeconds: 600, reason: 'MIG' });
    expect(asked.status).toBe(200);
    const host = await until(at, 'paused');
    expect(host).toMatchObject({ pause: { kind: 'hub', reason: 'MIG' }, askedPause: { reason: 'MIG' } });
    expect(holders(at)).toEqual([]);
    await staysAway(at, 1.5);
    expect((await ask('/api/v1/pauses/end', { groups: ['rack-7'] })).body).toContain(at.id);
    expect((await until(at, 'ok')).askedPause).toBeNull();
    const admin = await hub.apiToken('admin');
    const log = await send(`${hub.url}/api/v1/audit`, {
      method: 'GET',
      headers: { authorization: `Bearer ${admin}` },
    });
    expect(log.body).toContain('host.pause');
    expect(log.body).toContain('host.resume');
    await at.agent.stop();
  });

  test('who resumes on the host is not paused by the same asking again; the hub’s own end comes by itself', async () => {
    const at = await play('rack-8');
    await ask('/api/v1/pauses', { hosts: [at.id], forSeconds: 600 });
    await until(at, 'paused');
    expect((await control(at, 'resume')).code).toBe(0);
    await until(at, 'ok');
    await sleep(2.5);
    expect(await hostById(at.id)).toMatchObject({ state: 'ok', askedPause: { reason: null } });
    await ask('/api/v1/pauses', { hosts: [at.id], forSeconds: 3 });
    await until(at, 'paused');
    await until(at, 'ok', 8);
    await at.agent.stop();
  });
});

test('a pause outlives the agent: killed and started again in the middle, it opens nothing', async () => {
  const at = await play('killed');
  expect((await control(at, 'pause', '--for', '10m')).code).toBe(0);
  await at.agent.stop('SIGKILL');
  const again = startProgram(cleanup, at.command);
  await again.seen(/reporting to/);
  await staysAway(at, 2);
  await until({ ...at, agent: again }, 'paused');
  expect((await control(at, 'resume')).stdout).toBe('the agent reads the GPUs\n');
  await until({ ...at, agent: again }, 'ok');
  await again.stop();
});

describe('where nothing can be paused', () => {
  test('no agent, and one that is not ours', async () => {
    const nowhere = { stateFolder: join(temporaryFolder(cleanup, 'no'), 'state') };
    expect(await control(nowhere, 'pause')).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(
        /^gpufleet agent pause: no agent runs with its state in .*--state-dir\n$/,
      ),
    });
  });

  test.each([
    [['pause', '--for', 'soon'], /--for: "soon"/],
    [['pause', '--for', '25h'], /--for/],
    [['pause', '--frob'], /--frob/],
    [['resume', '--for', '1m'], /--for/],
  ])('%j is refused with one line', async (words, said) => {
    const ended = await runProgram([...gpufleet, 'agent', ...words]);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(said);
  });
});
