import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { HostAccess } from '../access/host-access.ts';
import { createReplayAccess } from '../access/replay/index.ts';
import { createCollector, type Snapshot } from './index.ts';

const a100 = fileURLToPath(new URL('../access/simulated/hosts/a100x8', import.meta.url));

/** One reading of the recorded host whose document is changed on its way. */
async function reading(change: (xml: string) => string, exitCode = 0): Promise<Snapshot> {
  const played = await createReplayAccess(a100, { speed: 0 });
  const access: HostAccess = {
    ...played,
    async run(command, options) {
      const result = await played.run(command, options);
      return command.slice(1).join(' ') === '-q -x' ? { ...result, stdout: change(result.stdout) } : result;
    },
    stream(command, options) {
      const stream = played.stream(command, options);
      return {
        ...stream,
        ended: stream.ended.then((end) => (end.reason === 'exited' ? { ...end, exitCode } : end)),
      };
    },
  };
  const collector = createCollector(access, { intervalSeconds: 5, hold: false });
  await collector.start();
  const snapshot = collector.snapshot();
  await collector.stop();
  await played.close();
  return snapshot;
}

/** Changes one GPU's part of the document. */
const inGpu = (position: number, change: (part: string) => string) => (xml: string) => {
  const parts = xml.split(/(?=<gpu id=)/);
  return parts.map((part, at) => (at === position + 1 ? change(part) : part)).join('');
};

const still = ({ gpus }: Snapshot) =>
  gpus.map(({ uuid, name, serial, memory, ecc, eccMode, vbiosVersion }) => ({
    uuid,
    name,
    serial,
    totalBytes: memory.totalBytes,
    ecc,
    eccMode,
    vbiosVersion,
  }));

it.each([
  [
    'values that no driver ever printed',
    (part: string) => part.replace(/<serial>[^<]*/, '<serial>').replace(/<total>[^<]*/g, '<total>plenty'),
  ],
  [
    'a group that is a text',
    (part: string) =>
      part.replace(
        /<fb_memory_usage>[\s\S]*?<\/fb_memory_usage>/,
        '<fb_memory_usage>broken</fb_memory_usage>',
      ),
  ],
  ['a part that is not there', (part: string) => part.replace(/<ecc_mode>[\s\S]*?<\/ecc_mode>/, '')],
])('one GPU with %s costs the seven others nothing', async (_, change) => {
  const [whole, partly] = [await reading((xml) => xml), await reading(inGpu(3, change))];
  expect(partly.gpus).toHaveLength(8);
  const [before, after] = [still(whole), still(partly)];
  expect(after.filter((_gpu, at) => at !== 3)).toEqual(before.filter((_gpu, at) => at !== 3));
  expect(after[3]).toMatchObject({ uuid: before[3]?.uuid, name: before[3]?.name });
});

it('says which GPU’s which value was not understood, with the text', async () => {
  const { problems, gpus } = await reading(inGpu(3, (part) => part.replace(/<total>[^<]*/, '<total>plenty')));
  expect(problems).toContainEqual(
    expect.objectContaining({
      field: expect.stringMatching(/^xml:\/gpu\[3\]\/fb_memory_usage\/total/),
      text: 'plenty',
    }),
  );
  expect(gpus).toHaveLength(8);
});

it('takes a sample with the warning of a corrupt infoROM for the whole sample that it is', async () => {
  const { condition, sources, gpus } = await reading((xml) => xml, 14);
  expect(condition).toBe('ok');
  expect(sources.filter(({ state }) => state === 'failed')).toEqual([]);
  expect(gpus.every(({ utilization }) => utilization.gpuRatio !== null)).toBe(true);
  const failed = await reading((xml) => xml, 6);
  const bad = failed.sources.filter(({ state }) => state === 'failed').map(({ source }) => source);
  expect(bad).toEqual(['nvidia-smi-stream', 'nvidia-smi-pmon']);
});

/** The recorded host, whose fourth GPU fails from `breakIt` on: nvidia-smi prints the failure where the GPU would stand. */
async function playWithBadHandle() {
  const played = await createReplayAccess(a100, { speed: 0 });
  let busId = '';
  let uuid = '';
  let isBroken = false;
  const said = () => `Unable to determine the device handle for GPU3: ${busId}: Unknown Error`;
  const access: HostAccess = {
    ...played,
    async run(command, options) {
      const result = await played.run(command, options);
      if (command.slice(1).join(' ') !== '-q -x') return result;
      const parts = result.stdout.split(/(?=<gpu id=)/);
      busId = /<gpu id="0000([^"]+)"/.exec(parts[4] ?? '')?.[1] ?? '';
      uuid = /<uuid>([^<]+)/.exec(parts[4] ?? '')?.[1] ?? '';
      const broken = parts.map((part, at) => (at === 4 ? `${said()}\n` : part)).join('');
      return isBroken ? { ...result, exitCode: 255, stdout: broken } : result;
    },
    stream(command, options) {
      const stream = played.stream(command, options);
      const lines = async function* () {
        for await (const line of stream.lines) yield isBroken && line.includes(uuid) ? said() : line;
      };
      return { ...stream, lines: lines() };
    },
  };
  return {
    access,
    breakIt: () => {
      isBroken = true;
    },
  };
}

it.each([0, 1])(
  'one GPU without a handle costs the seven others nothing (%i documents before)',
  async (before) => {
    const { access, breakIt } = await playWithBadHandle();
    if (before === 0) {
      // Only so that the failure can name the bus id.
      await access.run(['nvidia-smi', '-q', '-x'], { deadlineSeconds: 5, maxOutputBytes: 2 ** 24 });
      breakIt();
    }
    const collector = createCollector(access, {
      intervalSeconds: 1,
      documentIntervalSeconds: 1,
      hold: false,
    });
    await collector.start();
    const whole = collector.snapshot();
    breakIt();
    const others = () => collector.snapshot().gpus.filter(({ state }) => state === 'ok');
    await expect.poll(() => others().length, { timeout: 5000 }).toBe(7);
    const { condition, gpus } = collector.snapshot();
    expect(condition).toBe('ok');
    expect(others().every(({ serial, memory }) => serial !== null && memory.usedBytes !== null)).toBe(true);
    if (before === 1)
      expect(gpus.filter(({ state }) => state !== 'ok')).toMatchObject([
        { uuid: whole.gpus[3]?.uuid, state: 'failed', failure: { code: 'unknown-error' } },
      ]);
    await collector.stop();
    await access.close();
  },
);
