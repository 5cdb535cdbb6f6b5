import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  createQueryGpuReader,
  mergeGpu,
  parseFailure,
  parseQueryApps,
  parseQueryGpu,
  parseSmiList,
  parseSmiPmon,
  parseSmiVersion,
  parseSmiXml,
  queryGpuFields,
} from '../../../../lib/nvidia-smi/index.ts';
import { type PlayerSettingsInput, parseSettings } from './control.ts';
import { perform } from './perform.ts';
import { composeScene, createStage } from './scene.ts';
import { compileTemplate } from './template.ts';

const corpus = new URL('../../../../../shared/corpus/smi-xml/', import.meta.url);
const hosts = new URL('../hosts/', import.meta.url);

interface Played {
  readonly text: string;
  readonly exitCode: number | null;
  readonly waits: readonly number[];
  readonly hung: boolean;
}

interface Play {
  readonly xml: string;
  readonly settings?: PlayerSettingsInput;
  readonly list?: string;
  readonly at?: number;
  /** Ends an endless stream. */
  readonly mostSteps?: number;
}

/** Plays a command without waiting: the moment moves by each wait. */
function play(argv: readonly string[], { xml, settings = {}, list, at, mostSteps = 50 }: Play): Played {
  const stage = createStage(compileTemplate(xml, list), parseSettings(settings));
  let now = at ?? Date.parse('2026-11-23T10:00:00.250Z');
  const waits: number[] = [];
  let text = '';
  let steps = 0;
  for (const step of perform(argv, () => composeScene(stage, new Date(now)))) {
    steps += 1;
    if (step.kind === 'write') text += step.text;
    else if (step.kind === 'exit') return { text, exitCode: step.exitCode, waits, hung: false };
    else if (step.kind === 'hang') return { text, exitCode: null, waits, hung: true };
    else if (step.kind === 'wait') {
      waits.push(step.milliseconds);
      now += step.milliseconds;
    }
    if (steps >= mostSteps) break;
  }
  return { text, exitCode: null, waits, hung: false };
}

const recorded = (name: string): { xml: string; list: string } => {
  const folder = new URL(`${name}/commands/`, hosts);
  return {
    xml: readFileSync(new URL('nvidia-smi-q-x.xml', folder), 'utf8'),
    list: readFileSync(new URL('nvidia-smi-L.txt', folder), 'utf8'),
  };
};

const ownHosts = existsSync(hosts)
  ? readdirSync(hosts, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && existsSync(new URL(`${entry.name}/host.json`, hosts)))
      .map((entry) => entry.name)
  : [];
const corpusFiles = existsSync(corpus) ? readdirSync(corpus).filter((name) => name.endsWith('.xml')) : [];

const documents = [
  ...ownHosts.map((name) => ({ name, ...recorded(name) })),
  ...corpusFiles.map((name) => ({ name, xml: readFileSync(new URL(name, corpus), 'utf8'), list: '' })),
];

const query = `--query-gpu=${queryGpuFields.join(',')}`;

describe.each(documents)('$name', ({ xml, list }) => {
  it('says the same in XML and in CSV at the same moment', () => {
    const document = parseSmiXml(play(['-q', '-x'], { xml, list }).text);
    expect(document.failure).toBeNull();
    const answer = play([query, '--format=csv'], { xml, list });
    expect(answer.exitCode).toBe(0);
    const csv = parseQueryGpu(answer.text);
    expect(csv.problems).toEqual([]);
    expect(csv.gpus).toHaveLength(document.gpus.length);
    for (const [index, row] of csv.gpus.entries()) {
      const { gpu } = document.gpus[index]!;
      const merged = mergeGpu(gpu, row.gpu);
      // `power.draw` is the mean where the driver tells one; the document's reader takes the instant value.
      const drawWatts = gpu.power.averageWatts ?? gpu.power.drawWatts;
      expect(merged.power.drawWatts).toBe(drawWatts);
      expect({ ...merged, index: null }).toEqual({ ...gpu, index: null, power: { ...gpu.power, drawWatts } });
    }
  });

  /** A recorded document can be shortened by hand; a played one counts its own GPUs. */
  const readRecorded = () => {
    const document = parseSmiXml(xml);
    const problems = document.problems.filter(({ field }) => field !== 'xml:/attached_gpus');
    return { ...document, problems };
  };

  it('plays the recorded document when nothing moves', () => {
    const before = readRecorded();
    const after = parseSmiXml(play(['-q', '-x'], { xml, list, settings: { motion: false } }).text);
    expect({ ...after, timestamp: null, attachedGpus: null }).toEqual({
      ...before,
      timestamp: null,
      attachedGpus: null,
    });
  });

  it('moves numbers and never makes one of what was not available', () => {
    const before = readRecorded();
    const after = parseSmiXml(play(['-q', '-x'], { xml, list, settings: { motion: { load: 0.6 } } }).text);
    expect(after.problems).toEqual(before.problems);
    for (const [index, { gpu }] of after.gpus.entries()) {
      const recordedGpu = before.gpus[index]!.gpu;
      expect(gpu.utilization.gpuRatio === null).toBe(recordedGpu.utilization.gpuRatio === null);
      expect(gpu.power.drawWatts === null).toBe(recordedGpu.power.drawWatts === null);
      expect(gpu.fanRatio === null).toBe(recordedGpu.fanRatio === null);
      expect(gpu.temperature.memoryCelsius === null).toBe(recordedGpu.temperature.memoryCelsius === null);
      if (gpu.utilization.gpuRatio !== null) expect(gpu.utilization.gpuRatio).toBeGreaterThan(0.2);
    }
  });
});

if (corpusFiles.length === 0)
  it.skip('corpus: not there (../shared/corpus/smi-xml), only our own hosts were played', () => {});

const h100 = ownHosts.includes('h100x8-mig') ? recorded('h100x8-mig') : null;
const has = describe.runIf(h100 !== null);

has('the player', () => {
  const host = h100!;

  it('keeps used, free and reserved the total, whatever the processes use', () => {
    for (const at of [0, 100_000, 200_000, 333_000]) {
      const { text } = play([query.replace('memory.free', 'memory.free,memory.reserved'), '--format=csv'], {
        ...host,
        at: Date.parse('2026-11-23T10:00:00Z') + at,
      });
      for (const { gpu } of parseQueryGpu(text).gpus) {
        const { usedBytes, freeBytes, reservedBytes, totalBytes } = gpu.memory ?? {};
        expect(Math.abs(usedBytes! + freeBytes! + reservedBytes! - totalBytes!)).toBeLessThanOrEqual(2 ** 20);
      }
    }
  });

  it('is the same for the same seed and moment, and different for another', () => {
    const at = (seed: number): string =>
      play(['--query-gpu=power.draw', '--format=csv'], { ...host, settings: { seed } }).text;
    expect(at(1)).toBe(at(1));
    expect(at(1)).not.toBe(at(2));
  });

  it('streams one header and then a row a GPU a sample', () => {
    const { text, waits } = play([query, '--format=csv', '-lms', '1000'], { ...host, mostSteps: 6 });
    expect(waits.slice(0, 2)).toEqual([1000, 1000]);
    const reader = createQueryGpuReader();
    const rows = text
      .split('\n')
      .map((line) => reader.push(line))
      .filter((row) => row !== null);
    expect(reader.problems).toEqual([]);
    expect(rows.slice(0, 9).map((row) => row.index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 0]);
    expect(rows[8]!.gpu.power?.drawWatts).not.toBe(rows[0]!.gpu.power?.drawWatts);
  });

  it('takes set values, processes and copies of GPUs', () => {
    const settings: PlayerSettingsInput = {
      gpuCount: 10,
      set: {
        0: { 'utilization.gpu': 37, 'memory.used': 4096, 'power.draw': 321.5, 'temperature.gpu': null },
      },
      processes: [{ gpu: 1, pid: 4242, name: '/usr/bin/python3', usedMemoryMiB: 2000 }],
    };
    const { gpus } = parseSmiXml(play(['-q', '-x'], { ...host, settings }).text);
    expect(gpus).toHaveLength(10);
    expect(new Set(gpus.map(({ gpu }) => gpu.uuid)).size).toBe(10);
    expect(new Set(gpus.map(({ gpu }) => gpu.pciBusId)).size).toBe(10);
    const first = gpus[0]!.gpu;
    expect(first.utilization.gpuRatio).toBeCloseTo(0.37);
    expect(first.memory.usedBytes).toBe(4096 * 2 ** 20);
    expect(first.power.drawWatts).toBe(321.5);
    expect(first.temperature.gpuCelsius).toBeNull();
    expect(gpus[1]!.gpu.processes.map(({ pid }) => pid)).toEqual([4242]);
    expect(gpus[0]!.gpu.processes).toEqual([]);
    const apps = parseQueryApps(
      play(['--query-compute-apps=gpu_uuid,pid,process_name,used_memory', '--format=csv'], {
        ...host,
        settings,
      }).text,
    );
    expect(apps.processes).toMatchObject([{ gpuUuid: gpus[1]!.gpu.uuid, process: { pid: 4242 } }]);
  });

  it('gives two identities different uuids, MIG included', () => {
    const uuids = (identity: string): string[] =>
      parseSmiList(play(['-L'], { ...host, settings: { identity } }).text).gpus.flatMap((gpu) => [
        gpu.uuid!,
        ...gpu.migDevices.map((device) => device.uuid),
      ]);
    expect(uuids('a')).toEqual(uuids('a'));
    expect(uuids('a').filter((uuid) => uuids('b').includes(uuid))).toEqual([]);
    expect(uuids('a').some((uuid) => uuid.startsWith('MIG-'))).toBe(true);
  });

  it('lists what was recorded, MIG devices and their uuids', () => {
    expect(play(['-L'], host).text).toBe(host.list);
    expect(parseSmiVersion(play(['--version'], host).text)).toMatchObject({
      driverVersion: '580.159.03',
      cudaVersion: '13.0',
      problems: [],
    });
    expect(play(['mig', '-lgi'], host).text).toContain('MIG 1g.10gb');
    expect(play(['pmon', '-c', '1'], host)).toMatchObject({ exitCode: 0, waits: [] });
  });

  it('prints the shares that its processes are told to have, and dashes for the others', () => {
    const process = { gpu: 0, name: '/usr/bin/python x.py', usedMemoryMiB: 10 };
    const processes = [
      { ...process, pid: 7, smPercent: 40, memPercent: 3, encPercent: 9, decPercent: 1 },
      { ...process, pid: 8 },
    ];
    const { text } = play(['pmon', '-s', 'u', '-d', '5', '-c', '1'], { ...host, settings: { processes } });
    const rows = parseSmiPmon(text).samples.filter(({ gpuIndex }) => gpuIndex === 0);
    expect(rows).toMatchObject([
      { pid: 7, name: 'python', smRatio: 0.4, memoryRatio: 0.03, encoderRatio: 0.09, decoderRatio: 0.01 },
      { pid: 8, smRatio: null, memoryRatio: null, encoderRatio: null, decoderRatio: null },
    ]);
  });

  it('refuses as nvidia-smi does', () => {
    expect(play(['--query-gpu=nonsense', '--format=csv'], host)).toMatchObject({
      text: 'Field "nonsense" is not a valid field to query.\n\n',
      exitCode: 2,
    });
    expect(play(['--nonsense'], host).exitCode).toBe(2);
    expect(play(['--query-gpu=name'], host).exitCode).toBe(2);
  });

  it.each([
    ['driver-not-loaded', 9],
    ['version-mismatch', 18],
    ['no-devices', 6],
    ['insufficient-permissions', 4],
    ['unknown-error', 255],
    ['library-missing', 12],
  ] as const)('plays %s so that it is recognised', (fault, exitCode) => {
    for (const argv of [['-q', '-x'], [query, '--format=csv', '-lms', '1000'], ['-L']]) {
      const answer = play(argv, { ...host, settings: { fault } });
      expect(answer.exitCode).toBe(exitCode);
      expect(parseFailure(answer.text, answer.exitCode)?.code).toBe(fault);
    }
  });

  it('plays one lost GPU: the others go on', () => {
    const settings: PlayerSettingsInput = { fault: { kind: 'gpu-lost', gpu: 2 } };
    const document = parseSmiXml(play(['-q', '-x'], { ...host, settings }).text);
    expect(document.gpus.map(({ state }) => state)).toEqual([
      'ok',
      'ok',
      'lost',
      'ok',
      'ok',
      'ok',
      'ok',
      'ok',
    ]);
    const rows = parseQueryGpu(play([query, '--format=csv'], { ...host, settings }).text).gpus;
    expect(rows.map(({ state }) => state)[2]).toBe('lost');
    expect(rows.map(({ uuid }) => uuid)).toEqual(document.gpus.map(({ gpu }) => gpu.uuid));
    const asText = play(['-q', '-x'], {
      ...host,
      settings: { fault: { kind: 'gpu-lost', gpu: 2, style: 'text' } },
    });
    expect(parseFailure(asText.text, asText.exitCode)).toMatchObject({ code: 'gpu-lost' });
    expect(asText.exitCode).toBe(15);
  });

  it('hangs before or in the middle of a sample, and starts slowly', () => {
    const start = play(['-q', '-x'], { ...host, settings: { fault: 'hang-start' } });
    expect(start).toMatchObject({ text: '', hung: true });
    const middle = play([query, '--format=csv', '-lms', '1000'], {
      ...host,
      settings: { fault: 'hang-mid-sample' },
    });
    expect(middle.hung).toBe(true);
    expect(middle.text.endsWith('\n')).toBe(false);
    expect(middle.text.split('\n').length).toBeGreaterThan(2);
    const slow = play(['-L'], { ...host, settings: { fault: { kind: 'slow-start', seconds: 7 } } });
    expect(slow).toMatchObject({ exitCode: 0, waits: [7000] });
  });

  it('plays half a document, garbage and another vendor without anybody taking it for values', () => {
    const half = play(['-q', '-x'], { ...host, settings: { fault: 'half-document' } });
    expect(half.exitCode).toBe(0);
    expect(parseSmiXml(half.text).failure?.code).toBe('truncated');
    for (const fault of ['garbage', 'other-vendor'] as const) {
      const { text } = play(['-q', '-x'], { ...host, settings: { fault } });
      expect(parseSmiXml(text)).toMatchObject({ gpus: [], failure: {} });
      expect(parseSmiXml(text).failure).not.toBeNull();
    }
  });

  it('plays a replaced driver', () => {
    const fault = { kind: 'driver-replaced', driverVersion: '595.71.05', cudaVersion: '13.2' } as const;
    const document = parseSmiXml(play(['-q', '-x'], { ...host, settings: { fault } }).text);
    expect(document).toMatchObject({ driverVersion: '595.71.05', cudaVersion: '13.2' });
    expect(
      play(['--query-gpu=driver_version', '--format=csv,noheader'], { ...host, settings: { fault } }).text,
    ).toMatch(/^595\.71\.05\n/);
  });

  it('names every fault of a bad control file at once', () => {
    expect(() => parseSettings({ seed: 1.5, fault: 'nothing' as never })).toThrow(/seed.*fault/s);
    expect(() => play(['-L'], { ...host, settings: { set: { 9: { 'utilization.gpu': 1 } } } })).toThrow(
      /no GPU 9/,
    );
    expect(() => play(['-L'], { ...host, settings: { set: { 0: { nonsense: 1 } } } })).toThrow(/nonsense/);
  });
});
