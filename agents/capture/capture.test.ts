import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import type { HostAccess } from '../access/host-access.ts';
import { createReplayAccess, RecordingError } from '../access/replay/index.ts';
import { createCollector, type Snapshot } from '../collect/index.ts';
import { takeCapture } from './take-capture.ts';

const hosts = fileURLToPath(new URL('../access/simulated/hosts', import.meta.url));
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gf-capture-'));
  folders.push(folder);
  return folder;
}

async function snapshotOf(access: HostAccess): Promise<Snapshot> {
  const collector = createCollector(access, { intervalSeconds: 1 });
  const sampled = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, 3000);
    collector.onSample(() => {
      clearTimeout(timer);
      resolve();
    });
  });
  await collector.start();
  const { condition } = collector.snapshot();
  if (condition === 'ok' || condition === 'starting') await sampled;
  const snapshot = collector.snapshot();
  await collector.stop();
  return snapshot;
}

const capture = (access: HostAccess, changes = {}) =>
  takeCapture({ access, nvidiaSmiPath: null, dockerSocketPath: '/var/run/docker.sock', ...changes });

/** What differs by masking or by the moment alone is made alike. */
function comparable(snapshot: Snapshot): unknown {
  const { takenAt: _, sources, ...rest } = snapshot;
  const text = JSON.stringify({
    ...rest,
    sources: sources.map(({ source, state, failure }) => ({ source, state, code: failure?.code ?? null })),
  });
  return JSON.parse(text, (key, value) => {
    if (/^at$|At$|^energyJoules$/.test(key)) return value === null ? null : 'a time';
    if (['serial', 'name', 'uuid', 'podUid', 'gpuUuid', 'namespace', 'pod', 'labels', 'image'].includes(key))
      return typeof value === 'string' ? 'masked' : key === 'labels' ? {} : value;
    if (key === 'gpuUuids') return (value as readonly string[]).length;
    // Arguments, labels and an engine's words stay on the host, and so does what is told by them.
    if (['command', 'person', 'composeProject', 'composeService', 'error'].includes(key)) return null;
    return value as unknown;
  });
}

const names = readdirSync(hosts, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() && entry.name !== 'write' ? [entry.name] : [],
);

describe('capture', () => {
  it.each(names)(
    'of %s, replayed, gives the same report apart from masked names',
    async (name) => {
      const live = await createReplayAccess(join(hosts, name), { speed: 0 });
      const { archive, missing } = await capture(live);
      expect(missing).toEqual([]);
      const file = join(temporary(), 'capture.tar.gz');
      writeFileSync(file, archive);
      const replayed = await createReplayAccess(file, { speed: 0 });
      const [before, after] = [await snapshotOf(live), await snapshotOf(replayed)];
      expect(comparable(after)).toEqual(comparable(before));
      // References still match: each process's and each container's GPU is one of the report.
      const uuids = after.gpus.map(({ uuid }) => uuid);
      expect(new Set(uuids).size).toBe(before.gpus.length);
      for (const { gpus } of after.containers)
        for (const { gpuUuid } of gpus) expect(uuids).toContain(gpuUuid);
      expect(await replayed.hostname()).toBe('host-1');
      await Promise.all([live.close(), replayed.close()]);
    },
    30_000,
  );

  it('keeps how things failed', async () => {
    const folder = temporary();
    cpSync(join(hosts, 'a100x8'), folder, { recursive: true });
    const path = join(folder, 'host.json');
    const host = JSON.parse(readFileSync(path, 'utf8')) as { commands: { argv: string[] }[] };
    host.commands = host.commands.filter(({ argv }) => argv[0] !== 'nvidia-smi');
    const hung = { argv: ['nvidia-smi', '-q', '-x'], outcome: 'timeout' };
    const changes = {
      commands: [...host.commands, hung],
      docker: [],
      dockerFailure: 'EACCES',
      unreadable: { '/proc/modules': { outcome: 'not-permitted', message: 'EACCES: no' } },
    };
    writeFileSync(path, JSON.stringify({ ...host, ...changes }));
    const live = await createReplayAccess(folder, { speed: 0 });
    const { archive } = await capture(live);
    const file = join(temporary(), 'capture.tar.gz');
    writeFileSync(file, archive);
    const replayed = await createReplayAccess(file, { speed: 0 });
    const limits = { deadlineSeconds: 1, maxOutputBytes: 1000 };
    expect(await replayed.run(['nvidia-smi', '-q', '-x'], limits)).toMatchObject({ outcome: 'timeout' });
    expect(await replayed.readFile('/proc/modules', { maxBytes: 10, deadlineSeconds: 1 })).toMatchObject({
      outcome: 'not-permitted',
    });
    await expect(replayed.connect('/var/run/docker.sock', { deadlineSeconds: 1 })).rejects.toMatchObject({
      code: 'EACCES',
    });
    expect(comparable(await snapshotOf(replayed))).toEqual(comparable(await snapshotOf(live)));
    await Promise.all([live.close(), replayed.close()]);
  }, 30_000);

  it('says no to more than it may hold', async () => {
    const live = await createReplayAccess(join(hosts, 'a100x8'), { speed: 0 });
    await expect(capture(live, { mostBytes: 1000 })).rejects.toThrow(/more than the 1000 that are allowed/);
    await live.close();
  }, 30_000);

  it('ends in time on a host that answers nothing, and says what is missing', async () => {
    const never = new Promise<never>(() => undefined);
    const played = await createReplayAccess(join(hosts, 'a100x8'), { speed: 0 });
    const late = { outcome: 'timeout', exitCode: null, stdout: '', stderr: '', durationSeconds: 10 } as const;
    const access: HostAccess = {
      ...played,
      run: async ([program]) => (program.endsWith('nvidia-smi') ? late : never),
    };
    const startedAt = performance.now();
    const { missing } = await capture(
      {
        ...access,
        run: async (command, options) =>
          command[0].endsWith('nvidia-smi') ? late : played.run(command, options),
      },
      { deadlineSeconds: 8 },
    );
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    expect(missing.join('\n')).toMatch(/nvidia-smi .*an earlier one gave no answer/);
    await played.close();
  }, 30_000);
});

describe('replay of an archive', () => {
  it.each([
    ['no archive at all', Buffer.from('hello')],
    ['an archive that is cut', null],
  ])(
    'refuses %s in one line',
    async (_, content) => {
      const live = await createReplayAccess(join(hosts, 'a100x8'), { speed: 0 });
      const { archive } = await capture(live);
      await live.close();
      const file = join(temporary(), 'broken.tar.gz');
      writeFileSync(file, content ?? archive.subarray(0, archive.length / 2));
      await expect(createReplayAccess(file)).rejects.toThrow(RecordingError);
      const tar = gunzipSync(archive);
      const notGzipped = join(temporary(), 'plain.tar');
      writeFileSync(notGzipped, tar);
      await (await createReplayAccess(notGzipped)).close();
    },
    30_000,
  );
});
