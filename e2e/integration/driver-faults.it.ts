import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ControlInput } from '../../agents/access/simulated/player/control.ts';
import { type InstalledPlayer, writePlayer } from '../../agents/access/simulated/player/install.ts';
import { parseProcessStat } from '../../lib/host-facts/index.ts';
import type { HostDetail, HostState } from '../../lib/model/index.ts';
import { ensureAgentBuilt } from '../../scripts/ensure-built.ts';
import { type Freezer, openFreezer } from './support/freezer.ts';
import { openFilesOf, playersAt } from './support/open-files.ts';
import { recordedHost, root } from './support/played-agent.ts';
import { type RunningProgram, startProgram } from './support/programs.ts';
import { Cleanup, eventually, sleep, temporaryFolder } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

const recording = recordedHost('rtx4090x4');
/** Three of them must be enough to see what is wrong. */
const intervalSeconds = 3;
/** And as long again for a machine that runs other tests beside it. */
const within = { seconds: 3 * intervalSeconds + 1, everySeconds: 0.2 };

const cleanup = new Cleanup();
afterAll(() => cleanup.run());
let hub: TestHub;
let freezer: Freezer | null;

interface Played {
  readonly folder: string;
  readonly player: InstalledPlayer;
  readonly agent: RunningProgram;
  readonly id: string;
}

const hostOf = ({ id }: Played): Promise<HostDetail> => hub.getJson<HostDetail>(`/api/v1/hosts/${id}`);
const until = (
  at: Played,
  what: string,
  check: (host: HostDetail) => boolean,
  options = within,
): Promise<HostDetail> =>
  eventually(
    async () => {
      const host = await hostOf(at);
      return check(host) ? host : null;
    },
    { ...options, what: `${what}\n${at.agent.output()}` },
  );
const isOk = ({ state, gpus }: HostDetail): boolean =>
  state === 'ok' && gpus.length > 0 && gpus.every(({ power }) => power.drawWatts !== null);
const untilOk = (at: Played): Promise<HostDetail> =>
  until(at, 'to be well', isOk, { ...within, seconds: 25 });

/** @param wrap what stands in for the player's own executable */
async function play(
  control: Partial<ControlInput> = {},
  wrap?: (nvidiaSmi: string) => string,
): Promise<Played> {
  const folder = temporaryFolder(cleanup, 'fault');
  const player = await writePlayer(join(folder, 'player'), { recording, ...control });
  const nvidiaSmi = join(folder, 'nvidia-smi');
  writeFileSync(nvidiaSmi, wrap?.(player.nvidiaSmi) ?? `#!/bin/sh\nexec ${player.nvidiaSmi} "$@"\n`);
  chmodSync(nvidiaSmi, 0o755);
  const agent = await startAgent(folder);
  const [, id = ''] = await agent.seen(/reporting to .* \(([0-9a-f-]{36})\)/);
  return { folder, player, agent, id };
}

async function startAgent(folder: string): Promise<RunningProgram> {
  const options = ['--hub', hub.url, '--token', await token, '--nvidia-smi', join(folder, 'nvidia-smi')];
  const rest = ['--no-docker', '--state-dir', join(folder, 'state'), '--interval', `${intervalSeconds}s`];
  const bundle = join(root, 'dist', 'agent', 'gpufleet-agent.mjs');
  return startProgram(cleanup, [process.execPath, bundle, ...options, ...rest]);
}

let token: Promise<string>;
beforeAll(async () => {
  // As it is installed: it starts in a fifth of the time, and fourteen of them start here.
  await ensureAgentBuilt();
  hub = await startTestHub(cleanup, { options: ['--interval', `${intervalSeconds}s`] });
  token = hub.enrollmentToken();
  freezer = await openFreezer(cleanup);
});

const players = ({ folder }: Played): readonly number[] => playersAt(join(folder, 'player'));
/** Without `pmon`, which runs all the time too, for the shares of processes. */
const readers = (at: Played): readonly number[] =>
  players(at).filter((pid) => !commandOf(pid).includes('\0pmon\0'));

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

const faults: readonly (readonly [string, ControlInput['fault'], HostState, RegExp])[] = [
  ['hangs in the middle of a sample', 'hang-mid-sample', 'driver-hung', /stopped printing|gave no answer/],
  [
    'hangs and ignores SIGTERM',
    { kind: 'hang-mid-sample', ignoreSigterm: true },
    'driver-hung',
    /stopped printing|gave no answer/,
  ],
  ['finds no driver', 'driver-not-loaded', 'driver-failed', /couldn't communicate with the NVIDIA driver/],
  ['is of another version than the module', 'version-mismatch', 'driver-failed', /version mismatch/],
  ['finds no GPU', 'no-devices', 'no-gpus', /No devices/],
  ['may not', 'insufficient-permissions', 'driver-failed', /Insufficient Permissions/],
  ['misses its library', 'library-missing', 'driver-failed', /libnvidia-ml/],
  ['prints half a document', 'half-document', 'driver-failed', /./],
  ['prints garbage', 'garbage', 'driver-failed', /./],
];

describe.concurrent('an nvidia-smi that', () => {
  test.each(faults)(
    '%s: the host says so within three intervals, and is well again after it',
    async (_, fault, state, reason) => {
      const at = await play();
      await untilOk(at);
      await at.player.update({ recording, fault });
      const bad = await until(at, state, (host) => host.state === state);
      expect(bad.stateReason).toMatch(reason);
      expect(bad.current || state === 'no-gpus').toBe(state === 'no-gpus');
      await at.player.update({ recording });
      await untilOk(at);
      await at.agent.stop();
      expect(players(at)).toEqual([]);
    },
  );

  test.each([
    ['values', { kind: 'gpu-lost', gpu: 2, style: 'values' }],
    ['one line', { kind: 'gpu-lost', gpu: 2, style: 'text' }],
  ] as const)('loses a GPU and tells it in %s: the three others go on', async (_, fault) => {
    const at = await play();
    await untilOk(at);
    await at.player.update({ recording, fault });
    const lost = await until(at, 'a lost GPU', (host) => host.gpus[2]?.state === 'lost');
    if (fault.style === 'values') {
      expect(lost.state).toBe('gpu-lost');
      expect(lost.gpus.filter(({ power }) => power.drawWatts !== null)).toHaveLength(3);
    }
    await at.player.update({ recording });
    await untilOk(at);
    await at.agent.stop();
  });

  test('leaves a child that keeps stdout open: the reading ends all the same, and the child too', async () => {
    const at = await play({}, (nvidiaSmi) => `#!/bin/sh\nsleep 1000 &\nexec ${nvidiaSmi} "$@"\n`);
    await untilOk(at);
    const sleepers = (): number => descendantsNamed(at.agent.pid, 'sleep');
    // The two streams' own; each document had one too.
    await eventually(() => sleepers() <= 2, { what: `sleepers to be swept, ${sleepers()} are left` });
    await at.agent.stop();
  });

  test('has one GPU less, one more, and another driver: the stream restarts by itself and says so', async () => {
    const at = await play();
    await untilOk(at);
    const [before] = readers(at);
    await at.player.update({ recording, gpuCount: 3 });
    const fewer = await until(at, 'three GPUs', (host) => isOk(host) && host.gpus.length === 3);
    expect(fewer.notes.map(({ text }) => text).join('\n')).toMatch(
      /stream was started again: GPU .* is gone/,
    );
    await at.player.update({ recording });
    const more = await until(at, 'four GPUs', (host) => isOk(host) && host.gpus.length === 4);
    expect(more.notes.map(({ text }) => text).join('\n')).toMatch(/stream was started again: GPU .* came/);
    await at.player.update({ recording, fault: { kind: 'driver-replaced', driverVersion: '999.1.2' } });
    const upgraded = await until(at, 'a new driver', (host) => host.stack?.driverVersion === '999.1.2');
    expect(upgraded.state).toBe('ok');
    expect(upgraded.notes.at(-1)?.text).toMatch(/driver .* became 999\.1\.2/);
    await eventually(() => !readers(at).includes(before ?? 0), { what: 'the first stream to be gone' });
    expect(readers(at).length).toBeLessThanOrEqual(2);
    await at.agent.stop();
  });

  test('comes with another driver that lacks a field: the stream that takes the place of the old one does not ask for it', async () => {
    const lacking = (nvidiaSmi: string): string =>
      [
        '#!/bin/sh',
        'if [ "$1" = --help-query-gpu ] && [ -e "$(dirname "$0")/reloaded" ]; then',
        `  ${nvidiaSmi} "$@" | sed s/fan.speed/fan.pace/; exit`,
        'fi',
        `exec ${nvidiaSmi} "$@"\n`,
      ].join('\n');
    const at = await play({}, lacking);
    await untilOk(at);
    const streams = (): readonly string[] =>
      readers(at)
        .map(commandOf)
        .filter((words) => words.includes('-lms'));
    expect(streams().every((words) => words.includes('fan.speed'))).toBe(true);
    writeFileSync(join(at.folder, 'reloaded'), '');
    await at.player.update({ recording, fault: { kind: 'driver-replaced', driverVersion: '999.1.2' } });
    await eventually(() => streams().length === 1 && !streams()[0]?.includes('fan.speed'), {
      ...within,
      what: 'a stream without the field',
    });
    await until(at, 'the field to be named', ({ problems }) =>
      problems.some(({ field }) => field === 'csv:fan.speed'),
    );
    await at.agent.stop();
  });

  test('is in uninterruptible sleep: it is left, counted, told as a hung driver, none beside it, and well again when it wakes', async ({
    skip,
  }) => {
    if (freezer === null)
      skip('the freezer of control groups cannot be had here (it needs root and cgroup v1)');
    const at = await play();
    await untilOk(at);
    const files = openFilesOf(at.agent.pid).length;
    // The stream, and not a document that is just read.
    const frozen = players(at).find((pid) => commandOf(pid).includes('-lms')) ?? 0;
    await freezer?.freeze(frozen);
    const hung = await until(at, 'driver-hung', (host) => host.state === 'driver-hung', {
      ...within,
      seconds: within.seconds + 3,
    });
    expect(hung.stateReason).toContain(String(frozen));
    expect(hung.agent?.stuckProcesses).toBe(1);
    expect(readFileSync(`/proc/${frozen}/stat`, 'utf8')).toMatch(/\) D /);
    const end = performance.now() + 4000;
    while (performance.now() < end) {
      expect(readers(at)).toEqual([frozen]);
      await sleep(0.2);
    }
    expect(openFilesOf(at.agent.pid).length).toBeLessThanOrEqual(files);
    await freezer?.thaw();
    const well = await untilOk(at);
    expect(well.agent?.stuckProcesses).toBe(0);
    expect(players(at)).not.toContain(frozen);
    await at.agent.stop();
  });
});

test('a program in uninterruptible sleep that a killed agent left: the next agent starts none beside it, and reads when it wakes', async ({
  skip,
}) => {
  if (freezer === null)
    skip('the freezer of control groups cannot be had here (it needs root and cgroup v1)');
  // Under its own name, as the real one runs: the player's shell stays.
  const at = await play({}, (nvidiaSmi) => `#!/bin/sh\n${nvidiaSmi} "$@"\n`);
  await untilOk(at);
  const frozen = childrenOf(at.agent.pid).find((pid) => commandOf(pid).includes('-lms')) ?? 0;
  await freezer?.freeze(frozen);
  await at.agent.stop('SIGKILL');
  const next = await startAgent(at.folder);
  const hung = await until({ ...at, agent: next }, 'driver-hung', (host) => host.state === 'driver-hung');
  expect(hung.stateReason).toContain(String(frozen));
  expect(hung.agent?.stuckProcesses).toBe(1);
  expect(descendantsNamed(next.pid, 'nvidia-smi')).toBe(0);
  await freezer?.thaw();
  await untilOk({ ...at, agent: next });
  await next.stop();
});

/** Every process that is there, in short. */
function processes() {
  return readdirSync('/proc').flatMap((name) => {
    try {
      const stat = /^\d+$/.test(name) ? parseProcessStat(readFileSync(`/proc/${name}/stat`, 'utf8')) : null;
      return stat === null ? [] : [{ ...stat, pid: Number(name) }];
    } catch {
      return [];
    }
  });
}

const childrenOf = (parent: number): readonly number[] =>
  processes().flatMap(({ pid, parentPid }) => (parentPid === parent ? [pid] : []));

/** Processes below one, by the name of their program. */
function descendantsNamed(ancestor: number, wanted: string): number {
  const children = childrenOf(ancestor);
  return processes().filter(
    ({ name, groupId, parentPid }) =>
      name === wanted && (children.includes(groupId) || parentPid === ancestor),
  ).length;
}
