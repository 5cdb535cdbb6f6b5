import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ContainerView, HostDetail, HostSummary, Page } from '../../lib/model/index.ts';
import { startContainerd } from './support/containerd.ts';
import { startHeldProcess } from './support/held-process.ts';
import { patience } from './support/patience.ts';
import { type PlayedAgent, recordedHost, startPlayedAgent } from './support/played-agent.ts';
import { hasPodman, startPodman } from './support/podman.ts';
import { mustRun } from './support/programs.ts';
import { type SixContainers, sixPlans, startSixContainers } from './support/six-containers.ts';
import { Cleanup, eventually, temporaryFolder } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
const mebibyte = 1024 * 1024;
/** The hub's usual one. Within three of them everything is right after a change. */
const intervalSeconds = 5;
const threeIntervals = { seconds: 3 * intervalSeconds };

let folder: string;
let hub: TestHub;
let six: SixContainers;
let agent: PlayedAgent;
let hostId: string;
const socket = (): string => join(folder, 'docker.sock');

const host = (): Promise<HostDetail> => hub.getJson<HostDetail>(`/api/v1/hosts/${hostId}`);
const named = async (name: string): Promise<ContainerView> => {
  const found = (await host()).containers.find((container) => container.name === name);
  if (found === undefined) throw new Error(`${name} is not among the containers`);
  return found;
};

async function hostPlayed(name: string): Promise<string> {
  const { id } = await eventually(
    async () => (await hub.getJson<Page<HostSummary>>(`/api/v1/hosts?q=played%3D${name}`)).items[0],
    { seconds: 60, what: `the host played as ${name}` },
  );
  return id;
}

beforeAll(async () => {
  folder = temporaryFolder(cleanup, 'owners');
  [six, hub] = await Promise.all([startSixContainers(cleanup), startTestHub(cleanup)]);
  symlinkSync(six.engine.socket, socket());
  agent = await startPlayedAgent(cleanup, hub, {
    name: 'owners',
    dockerSocket: socket(),
    intervalSeconds,
    control: await six.control(),
    options: ['--containerd-socket', 'none', '--podman-socket', 'none'],
  });
  hostId = await hostPlayed('owners');
  await eventually(async () => (await named('trainer')).gpus[0]?.smRatio, { seconds: 60, what: 'shares' });
});
afterAll(() => cleanup.run());

describe('six containers over two GPUs', () => {
  test('each has its own memory and shares, to the byte and as printed', async () => {
    for (const [name, { gpu, uses, gi = null }] of Object.entries(sixPlans)) {
      const container = await named(name);
      if (uses.length === 0) {
        expect(container.gpus).toEqual([]);
        continue;
      }
      const shares = uses.flatMap(([, share]) => share ?? []);
      expect(container.gpus, name).toMatchObject([
        {
          ...{ gpuIndex: gpu, gpuInstanceId: gi },
          usedMemoryBytes: uses.reduce((sum, [mib]) => sum + mib * mebibyte, 0),
          smRatio: shares.length === 0 ? null : shares.reduce((sum, share) => sum + share, 0) / 100,
          pids: await six.pidsOf(six.ids[name] ?? ''),
        },
      ]);
    }
  });

  test("owners and remainder are the GPU's own number", async () => {
    const told = await mustRun([
      agent.player.nvidiaSmi,
      '--query-gpu=memory.used',
      '--format=csv,noheader,nounits',
    ]);
    const own = told.split('\n').map((line) => Number(line) * mebibyte);
    const { gpus, containers } = await host();
    for (const { index, uuid, accounting } of gpus) {
      const uses = containers.flatMap((each) => each.gpus.filter(({ gpuUuid }) => gpuUuid === uuid));
      const ownedBytes = uses.reduce((sum, use) => sum + (use.usedMemoryBytes ?? 0), 0);
      expect(accounting?.memory.ownedBytes).toBe(ownedBytes);
      const { remainderBytes, overcountBytes } = accounting!.memory;
      expect(ownedBytes + (remainderBytes ?? Number.NaN) - overcountBytes).toBe(own[index ?? -1]);
    }
    expect(gpus[0]?.accounting).toMatchObject({ sm: { ownedRatio: 0.65 }, sharesProblem: null });
    expect(gpus[1]?.accounting?.sharesProblem).toContain('on MIG');
  });

  test('who it is: a label, a home, and nobody for root', async () => {
    expect((await named('trainer')).person).toEqual({ name: 'ana', from: 'label', isInferred: false });
    expect((await named('notebook')).person).toEqual({ name: 'ben', from: 'home-mount', isInferred: true });
    expect((await named('worker')).person).toEqual({ name: null, from: 'unknown', isInferred: false });
  });

  test('how it was started, without a secret of it anywhere', async () => {
    expect((await named('trainer')).start).toMatchObject({ ociRuntime: 'runc', isPrivileged: false });
    expect((await named('trainer')).start?.command).toContain('--token masked');
    expect(JSON.stringify(await host())).not.toContain('hunter2');
  });

  test('what was given, and what is odd about it', async () => {
    const { gpus, grantFindings } = await host();
    expect((await named('trainer')).grant).toMatchObject({ by: 'device-request', gpuUuids: [gpus[0]?.uuid] });
    expect((await named('notebook')).grant).toMatchObject({ all: true });
    expect((await named('slice')).grant?.instances).toMatchObject([
      { gpuUuid: gpus[1]?.uuid, gpuInstanceId: 2 },
    ]);
    expect((await named('stray')).grant).toBeNull();
    const odd = grantFindings.map(({ kind, containerId }) => [
      kind,
      Object.keys(six.ids).find((name) => six.ids[name] === containerId),
    ]);
    expect(odd).toContainEqual(['granted-idle', 'idle']);
    expect(odd).toContainEqual(['used-not-granted', 'stray']);
    expect(odd.filter(([kind]) => kind === 'granted-twice')).toHaveLength(1);
    expect(odd).not.toContainEqual(['granted-idle', 'trainer']);
  });

  test('one that is renamed, and one that is stopped and started, are right soon after', async () => {
    await six.engine.docker('rename', 'stray', 'found');
    await six.engine.docker('stop', '-t', '0', 'worker');
    await agent.player.update(await six.control());
    await eventually(
      async () => {
        const { containers } = await host();
        const names = containers.map(({ name }) => name);
        return names.includes('found') && !names.includes('stray') && !names.includes('worker');
      },
      { ...threeIntervals, what: 'the rename and the stop' },
    );
    await six.engine.docker('start', 'worker');
    await agent.player.update(await six.control());
    const pids = await six.pidsOf(six.ids['worker'] ?? '');
    await eventually(
      async () => {
        const { gpus, startedAt } = await named('worker');
        const isNew =
          startedAt === (await six.engine.docker('inspect', '--format', '{{.State.StartedAt}}', 'worker'));
        return isNew && JSON.stringify(gpus[0]?.pids) === JSON.stringify(pids) && gpus[0]?.smRatio === 0.03;
      },
      { ...threeIntervals, what: 'the worker under new pids' },
    );
  });
});

describe('a device cgroup', () => {
  const devices = '/sys/fs/cgroup/devices/docker';
  test.skipIf(!existsSync('/sys/fs/cgroup/devices'))(
    'that does not allow the GPUs is a finding while it does not (needs cgroup v1)',
    async () => {
      const path = join(devices, six.ids['trainer'] ?? '', 'devices.allow');
      const trainer = await eventually(
        async () => {
          const container = await named('trainer');
          return container.deviceAccess?.state === 'denied' && container;
        },
        { seconds: 40, what: 'the cgroup to be read' },
      );
      expect(trainer.deviceAccess).toMatchObject({
        from: 'cgroup-v1',
        missing: ['/dev/nvidiactl', '/dev/nvidia0'],
      });
      expect(trainer.findings.map(({ kind }) => kind)).toContain('device-access-lost');
      writeFileSync(path, 'c 195:* rwm');
      await eventually(async () => (await named('trainer')).deviceAccess?.state === 'allowed', {
        seconds: 40,
        what: 'the cgroup to allow it again',
      });
      expect((await named('trainer')).findings.map(({ kind }) => kind)).not.toContain('device-access-lost');
    },
  );
});

describe('pods and jobs, by their real cgroups', () => {
  const podUid = '6c85216c-82ad-11e7-9fb0-061c2985ea4a';
  const other = '7c85216c-82ad-11e7-9fb0-061c2985ea4b';
  const containerId = 'c'.repeat(64);
  let id: string;
  beforeAll(async () => {
    const pods = `/var/log/pods/team-a_llama-0_${podUid}`;
    if (!existsSync('/var/log/pods'))
      cleanup.add(() => rmSync('/var/log/pods', { recursive: true, force: true }));
    mkdirSync(pods, { recursive: true });
    cleanup.add(() => rmSync(pods, { recursive: true, force: true }));
    const paths: [string, number][] = [
      [`kubepods/burstable/pod${podUid}/${containerId}`, 0],
      [`kubepods/pod${other}`, 0],
      ['slurm/uid_65534/job_211/step_0', 65_534],
      ['system.slice/ollama.service', 0],
      ['user.slice/user-65534.slice/session-3.scope', 65_534],
    ];
    const pids = await Promise.all(paths.map(([path, uid]) => startHeldProcess(cleanup, path, uid)));
    await startPlayedAgent(cleanup, hub, {
      name: 'held',
      control: {
        recording: recordedHost('rtx3090x2'),
        processes: pids.map((pid, at) => ({
          gpu: 0,
          pid,
          name: 'python',
          usedMemoryMiB: 100 + at,
          smPercent: at,
        })),
      },
      options: ['--containerd-socket', join(folder, 'none.sock'), '--podman-socket', 'none'],
    });
    id = await hostPlayed('held');
  });

  test('are told by what they are, and by whom', async () => {
    const told = await eventually(
      async () => {
        const found = await hub.getJson<HostDetail>(`/api/v1/hosts/${id}`);
        return found.owners.length === 4 && found.containers.length === 1 && found;
      },
      { seconds: 30, what: 'four owners and a container' },
    );
    expect(told.containers).toMatchObject([
      { id: containerId, name: null, podUid, namespace: 'team-a', pod: 'llama-0', runtime: 'kubernetes' },
    ]);
    expect(told.containers[0]?.nameProblem).toMatch(/, so no name$/);
    const owners = new Map(told.owners.map((owner) => [owner.key, owner]));
    expect(owners.get(`pod:${other}`)).toMatchObject({
      kind: 'pod',
      name: null,
      nameProblem: expect.stringContaining('so no name'),
    });
    const nobody = { name: 'nobody', isInferred: false };
    expect(owners.get('slurm:211')).toMatchObject({
      kind: 'slurm',
      name: 'job 211',
      person: { ...nobody, from: 'slurm' },
    });
    expect(owners.get('unit:ollama.service')).toMatchObject({
      kind: 'unit',
      person: { name: 'root', from: 'uid' },
    });
    expect(owners.get('user:65534')).toMatchObject({
      kind: 'user',
      name: 'nobody',
      person: { ...nobody, from: 'uid' },
    });
    const bytes = [...owners.values()].flatMap(({ gpus }) =>
      gpus.map((use) => (use.usedMemoryBytes ?? 0) / mebibyte),
    );
    expect(bytes.sort()).toEqual([101, 102, 103, 104]);
  });
});

describe('other engines', () => {
  test.skipIf(!hasPodman)(
    'Podman as root tells names, grants and masked commands (skipped without podman)',
    async () => {
      const podman = await startPodman(cleanup);
      await podman.createImage('example/pod:2', { CUDA_VERSION: '11.8.0' });
      const { id, pid } = await podman.runContainer('quiet', 'example/pod:2', [
        '--label',
        'gpufleet.owner=kim',
      ]);
      await startPlayedAgent(cleanup, hub, {
        name: 'podman',
        control: {
          recording: recordedHost('rtx3090x2'),
          processes: [{ gpu: 1, pid, name: 'python', usedMemoryMiB: 77 }],
        },
        options: ['--podman-socket', podman.socket, '--containerd-socket', 'none'],
      });
      const played = await hostPlayed('podman');
      const [container] = await eventually(
        async () => {
          const { containers } = await hub.getJson<HostDetail>(`/api/v1/hosts/${played}`);
          return containers[0]?.name !== null && containers[0] !== undefined && containers;
        },
        { seconds: 30, what: 'the container by name' },
      );
      expect(container).toMatchObject({
        ...{ id, name: 'quiet', runtime: 'podman', state: 'running', cudaVersion: '11.8.0' },
        image: expect.stringContaining('example/pod:2'),
        person: { name: 'kim', from: 'label' },
        start: { command: 'sleep 3600' },
        gpus: [{ gpuIndex: 1, usedMemoryBytes: 77 * mebibyte, pids: [pid] }],
      });
    },
  );

  test('containerd, in the namespace of Kubernetes, tells names, pods and variables', async () => {
    const containerd = await startContainerd(cleanup);
    const id = 'd'.repeat(64);
    const labels = {
      'io.kubernetes.container.name': 'server',
      'io.kubernetes.pod.name': 'llama-1',
      'io.kubernetes.pod.namespace': 'team-b',
      'io.kubernetes.pod.uid': '8c85216c-82ad-11e7-9fb0-061c2985ea4c',
    };
    const options = Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]);
    const pid = await containerd.run(id, [...options, '--env', 'CUDA_VERSION=12.6.0']);
    await startPlayedAgent(cleanup, hub, {
      name: 'containerd',
      control: {
        recording: recordedHost('rtx3090x2'),
        processes: [{ gpu: 0, pid, name: 'python', usedMemoryMiB: 55 }],
      },
      options: ['--containerd-socket', containerd.socket, '--podman-socket', 'none'],
    });
    const played = await hostPlayed('containerd');
    const [container] = await eventually(
      async () => {
        const { containers } = await hub.getJson<HostDetail>(`/api/v1/hosts/${played}`);
        return containers[0]?.name === 'server' && containers;
      },
      { seconds: 30, what: 'the container by name' },
    );
    expect(container).toMatchObject({
      ...{
        id,
        runtime: 'containerd',
        state: 'running',
        namespace: 'team-b',
        pod: 'llama-1',
        cudaVersion: '12.6.0',
      },
      start: { command: '/bin/sleep 3600' },
      gpus: [{ usedMemoryBytes: 55 * mebibyte, pids: [pid] }],
    });
  });
});

describe("Docker's socket", () => {
  /** Less than a socket's deadline would add twice; on a machine that is late by itself, a reading may be left out. */
  const mostGapSeconds = (patience > 1 ? 2.5 : 1.5) * intervalSeconds;
  /** The longest time between three readings in a row, in seconds, by the host's own clock. */
  const longestGap = async (id: string): Promise<number> => {
    const times: number[] = [];
    await eventually(
      async () => {
        const { takenAt } = await hub.getJson<HostDetail>(`/api/v1/hosts/${id}`);
        const at = Date.parse(takenAt ?? '') / 1000;
        if (times.at(-1) !== at) times.push(at);
        return times.length === 3;
      },
      { seconds: 6 * intervalSeconds, everySeconds: 0.2, what: 'three readings' },
    );
    return Math.max(...times.slice(1).map((at, before) => at - (times[before] ?? at)));
  };
  const problemOf = async (id: string): Promise<string | null | undefined> =>
    (await hub.getJson<HostDetail>(`/api/v1/hosts/${id}`)).containers.find((each) => each.name === null)
      ?.nameProblem;

  test('that may not be read costs names alone', async () => {
    await startPlayedAgent(cleanup, hub, {
      ...{ name: 'unreadable', dockerSocket: six.engine.socket, uid: 65_534 },
      control: {
        recording: recordedHost('rtx3090x2'),
        processes: (await six.processes()).slice(0, 1).map((each) => ({ ...each, gpu: 0 })),
      },
      options: ['--containerd-socket', 'none', '--podman-socket', 'none'],
    });
    const id = await hostPlayed('unreadable');
    expect(await eventually(() => problemOf(id), { seconds: 30, what: 'a container without a name' })).toBe(
      `no permission to ask Docker at ${six.engine.socket}, so no name`,
    );
    expect(await longestGap(id)).toBeLessThan(mostGapSeconds);
  });

  test('that is gone, then hangs, slows nothing and is said', async () => {
    rmSync(socket());
    // Names that are known stay true while the container lives; a new one cannot be named.
    const newest = await six.engine.docker(
      'run',
      '-d',
      '--network',
      'none',
      '--name',
      'late',
      'example/busy:1',
      'sleep',
      '3600',
    );
    const pid = Number(await six.engine.docker('inspect', '--format', '{{.State.Pid}}', newest));
    const current = await six.control();
    const late = { gpu: 0, pid, name: 'python', usedMemoryMiB: 9 };
    await agent.player.update({ ...current, processes: [...(current.processes ?? []), late] });
    const gone = `no Docker socket at ${socket()}, so no name`;
    await eventually(async () => (await problemOf(hostId)) === gone, { seconds: 40, what: gone });
    expect((await named('trainer')).person?.name).toBe('ana');
    expect(await longestGap(hostId)).toBeLessThan(mostGapSeconds);

    const held = createServer(() => undefined);
    await new Promise<void>((resolve) => held.listen(`${socket()}.held`, resolve));
    cleanup.add(() => held.close());
    renameSync(`${socket()}.held`, socket());
    const hung = `Docker at ${socket()} does not answer, so no name`;
    await eventually(async () => (await problemOf(hostId)) === hung, { seconds: 40, what: hung });
    expect(await longestGap(hostId)).toBeLessThan(mostGapSeconds);
  });
});
