import { describe, expect, it } from 'vitest';
import { fixture } from './fixtures/read.ts';
import { isHelpText, parseSmiHelp } from './help.ts';
import { isMigText, parseSmiMig } from './mig.ts';
import { plainText } from './plain-text.ts';
import { otherQueryNames, unknownQueryNames } from './query-gpu/index.ts';
import { isTegrastatsText, parseTegrastats } from './tegrastats.ts';
import { isVgpuText, parseSmiVgpu } from './vgpu.ts';

const mebibyte = 1_048_576;

describe('parseSmiMig', () => {
  const mig = fixture('mig.txt');

  it('reads instances and profiles of all four lists', () => {
    const { instances, profiles, problems, failure, message } = parseSmiMig(mig);
    expect([problems, failure, message]).toEqual([[], null, null]);
    expect(instances).toEqual([
      {
        gpuIndex: 0,
        profile: '1g.10gb+me',
        profileId: 20,
        gpuInstanceId: 9,
        computeInstanceId: null,
        placement: { start: 2, size: 1 },
      },
      expect.objectContaining({ profile: '3g.40gb', placement: { start: 4, size: 4 } }),
      expect.objectContaining({ profile: '1c.3g.40gb', gpuInstanceId: 2, computeInstanceId: 1 }),
    ]);
    expect(profiles).toMatchObject([
      {
        profile: '1g.10gb',
        freeInstances: 5,
        totalInstances: 7,
        memoryBytes: 9.5 * 1024 ** 3,
        multiprocessors: 16,
      },
      {
        profile: '3g.40gb',
        profileId: 2,
        gpuInstanceId: 2,
        freeInstances: 1,
        memoryBytes: null,
        multiprocessors: 60,
      },
    ]);
  });

  it.each(['No GPU instances found: Not Found', 'No MIG-enabled devices found.'])('reads "%s"', (text) => {
    expect(isMigText(`${text}\n`)).toBe(true);
    expect(parseSmiMig(`${text}\n`)).toMatchObject({
      instances: [],
      message: text,
      problems: [],
      failure: null,
    });
  });

  it('says that the table is not closed', () => {
    const placed = [
      'GPU  0 Profile ID 19 Placements: {0,1,2,3,4,5,6}:1',
      'GPU  0 Profile ID  5 Placement : {0}:4',
      'GPU  1 Profile ID  0 Placements: {}:8',
      '',
    ].join('\n');
    expect(isMigText(placed)).toBe(true);
    expect(parseSmiMig(placed)).toEqual({
      instances: [],
      profiles: [],
      placements: [
        { gpuIndex: 0, profileId: 19, starts: [0, 1, 2, 3, 4, 5, 6], size: 1 },
        { gpuIndex: 0, profileId: 5, starts: [0], size: 4 },
        { gpuIndex: 1, profileId: 0, starts: [], size: 8 },
      ],
      message: null,
      problems: [],
      failure: null,
    });
    // Any cut tells a beginning of the lines, and that it is one.
    for (let length = 1; length < placed.length; length += 1) {
      const { placements, failure } = parseSmiMig(placed.slice(0, length));
      expect(placements).toEqual(parseSmiMig(placed).placements.slice(0, placements.length));
      if (placed[length - 1] !== '\n')
        expect(placements).toHaveLength(placed.slice(0, length).split('\n').length - 1);
      if (length > 20 && length < 50) expect(failure?.code).toBe('truncated');
    }
    // An older driver prints no placement of compute instances.
    const older = mig.replace(
      '|   0      2       MIG 1c.3g.40gb       0         1          0:1     |',
      '|   0      2       MIG 1c.3g.40gb       0         1     |',
    );
    expect(older).not.toBe(mig);
    expect(parseSmiMig(older).instances[2]).toMatchObject({ computeInstanceId: 1, placement: null });
    expect(parseSmiMig(older).problems).toEqual([]);
    const cut = parseSmiMig(mig.slice(0, mig.indexOf('3g.40gb')));
    expect(cut.instances).toHaveLength(1);
    expect(cut.failure?.code).toBe('truncated');
  });

  it('tells of rows that it does not know', () => {
    expect(parseSmiMig(mig.replace('2:1', '2-1 x')).problems).toMatchObject([{ field: 'mig:gpu instances' }]);
  });
});

describe('parseSmiVgpu', () => {
  it('reads -q, the table, types and licences', () => {
    for (const name of ['vgpu-q.txt', 'vgpu-table.txt', 'vgpu-license.txt', 'vgpu-types.txt'])
      expect(isVgpuText(fixture(name)), name).toBe(true);
    expect(parseSmiVgpu(fixture('vgpu-q.txt')).gpus).toMatchObject([
      {
        pciBusId: '00000000:86:00.0',
        vgpus: [
          {
            id: '3251634191',
            type: 'GRID M60-2Q',
            machineName: 'node-1',
            licenseStatus: 'Licensed',
            gpuRatio: 0.05,
            memoryUsedBytes: 159 * mebibyte,
          },
        ],
      },
    ]);
    const table = parseSmiVgpu(fixture('vgpu-table.txt'));
    expect(table.driverVersion).toBe('550.1');
    expect(table.gpus).toMatchObject([
      { index: 0, gpuRatio: 0.07, vgpus: [{ type: 'NVIDIA A40-4Q', machineName: 'node 1', gpuRatio: 0.05 }] },
    ]);
    expect(parseSmiVgpu(fixture('vgpu-types.txt')).gpus.map(({ types }) => types)).toEqual([
      ['GRID P4-1B', 'GRID P4-2B4'],
      ['NVIDIA A40-4Q'],
    ]);
    expect(parseSmiVgpu(fixture('vgpu-license.txt')).licenses).toEqual([
      { product: 'NVIDIA Virtual Compute Server', status: 'Unlicensed (Restricted)' },
    ]);
  });
});

describe('parseSmiHelp', () => {
  const help = fixture('help-query-gpu.txt');

  it('reads names, other names and descriptions; values in quotes are no names', () => {
    const { fields, querySwitch, problems } = parseSmiHelp(help);
    expect([querySwitch, problems]).toEqual(['query-gpu', []]);
    expect(fields).toEqual([
      { name: 'timestamp', aliases: [], description: 'When the query was made. What they are for.' },
      { name: 'uuid', aliases: ['gpu_uuid'], description: 'What names it. On two lines.' },
      expect.objectContaining({ name: 'compute_mode' }),
      { name: 'qubits.count', aliases: [], description: 'New here.' },
    ]);
    expect(unknownQueryNames(fields.map(({ name }) => name))).toEqual(['qubits.count']);
  });

  it('reads --help and a list of names', () => {
    const text =
      'NVIDIA System Management Interface -- v595.1\n    -L,   --list-gpus   List.\n    --query-gpu=  A.\n';
    expect(isHelpText(text)).toBe(true);
    expect(parseSmiHelp(text)).toMatchObject({ smiVersion: '595.1', options: ['list-gpus', 'query-gpu'] });
    expect(parseSmiHelp('uuid\nindex\nclocks.gr').fields.map(({ name }) => name)).toEqual(['uuid', 'index']);
  });

  it('knows which names tell the same', () => {
    expect(otherQueryNames('driver_version')).toEqual(['kmd_version']);
    expect(otherQueryNames('gpu_uuid')).toEqual(['uuid']);
    expect(otherQueryNames('power.draw')).toEqual([]);
  });
});

describe('parseTegrastats', () => {
  it('reads lines of new and old releases', () => {
    const text = fixture('tegrastats.txt');
    expect(isTegrastatsText(text)).toBe(true);
    const { samples, problems } = parseTegrastats(text);
    expect(problems).toEqual([]);
    expect(samples[0]).toMatchObject({
      timestamp: '11-14-2024 22:54:33',
      memoryUsedBytes: 4300 * mebibyte,
      swapTotalBytes: 3810 * mebibyte,
      gpuRatio: 0.63,
      gpuHertz: 621e6,
      memoryControllerRatio: 0.43,
      temperaturesCelsius: { cpu: 53.968, gpu: 53.343 },
      railsWatts: { VDD_IN: 12.479, VDD_CPU_GPU_CV: 4.667 },
    });
    expect(samples[1]).toMatchObject({
      timestamp: null,
      swapUsedBytes: null,
      gpuRatio: 0.07,
      gpuHertz: 114e6,
      temperaturesCelsius: { pll: -42.5, gpu: 39.5 },
      railsWatts: { VDD_SYS_GPU: 0.182 },
    });
  });
});

describe('plainText', () => {
  it('takes out marks, escapes and carriage returns', () => {
    expect(plainText('\ufeff\u001b[1;31mred\u001b[0m\r\nb\rc\u001b]0;title\u0007d')).toBe('red\nb\ncd');
  });
});
