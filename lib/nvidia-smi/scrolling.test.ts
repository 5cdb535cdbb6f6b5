import { describe, expect, it } from 'vitest';
import { isDmonHead, parseSmiDmon } from './dmon.ts';
import { fixture } from './fixtures/read.ts';
import { isPmonHead, parseSmiPmon } from './pmon.ts';

const mebibyte = 1_048_576;
const pmon = fixture('pmon.txt');
const dmon = fixture('dmon.txt');

const lost = 'Unable to determine the device handle for GPU0000:3B:00.0: Unknown Error';

describe('parseSmiPmon', () => {
  it('takes no failing GPU for a row, whatever the number of its columns', () => {
    for (const text of [pmon, fixture('pmon-r390.txt')])
      for (const whole of [`${text}${lost}\n`, text.replace(/\n/g, `\n${lost}\n`)])
        expect(parseSmiPmon(whole)).toMatchObject({
          samples: parseSmiPmon(text).samples,
          problems: [],
          failure: { code: 'unknown-error', message: lost, gpu: '0000:3B:00.0' },
        });
  });

  it('gives the newest sample, and every row', () => {
    const { gpuIndexes, processes, samples, sampleCount, problems, failure } = parseSmiPmon(pmon);
    expect([gpuIndexes, sampleCount, problems, failure]).toEqual([[0, 1], 5, [], null]);
    expect(processes).toEqual([
      {
        gpuIndex: 0,
        pid: 28511,
        type: 'C',
        name: 'Imaginary Share.exe',
        usedMemoryBytes: null,
        smRatio: 0.97,
        gpuInstanceId: null,
        computeInstanceId: null,
      },
    ]);
    expect(samples[0]).toMatchObject({ pid: 1720, type: 'G', smRatio: null, timestamp: null });
    expect(samples[2]).toMatchObject({ gpuIndex: 1, pid: null, name: null });
    expect(samples[3]).toMatchObject({
      encoderRatio: 0,
      decoderRatio: 0.01,
      jpegRatio: 0.02,
      ofaRatio: 0.03,
    });
  });

  it.each(['process', 'name'])('knows the program of a head that says %s', (word) => {
    const named = pmon.replaceAll('command ', `${word} `);
    expect(isPmonHead(named)).toBe(true);
    expect(parseSmiPmon(named)).toEqual(parseSmiPmon(pmon));
  });

  it('reads the columns of an older driver by their head', () => {
    const { processes, problems } = parseSmiPmon(fixture('pmon-r390.txt'));
    expect(problems).toEqual([]);
    expect(processes.map(({ usedMemoryBytes, smRatio }) => [usedMemoryBytes, smRatio])).toEqual([
      [893 * mebibyte, 0],
      [893 * mebibyte, 0.12],
    ]);
  });

  it('tells of a column that it does not know, of bad cells, and of rows that do not fit', () => {
    const text =
      '# gpu pid type sm qubits command\n# Idx # C/G % n name\n 0 5 C 300 7 a\n 0 5\n x 1 C 1 1 b\n';
    const { problems, samples } = parseSmiPmon(text);
    expect(problems.map(({ field, text: told }) => [field, told])).toEqual([
      ['pmon:sm', '300'],
      ['pmon:qubits', 'n'],
      ['pmon:', ' 0 5'],
      ['pmon:gpu', 'x'],
    ]);
    expect(samples).toMatchObject([{ pid: 5, smRatio: null }]);
  });

  it('does not read a last row without an end', () => {
    const cut = parseSmiPmon(pmon.trimEnd().slice(0, -1));
    expect(cut.samples).toEqual(parseSmiPmon(pmon).samples.slice(0, 4));
    expect(cut.failure?.code).toBe('truncated');
  });

  it('gives the failure in place of rows', () => {
    expect(parseSmiPmon(`${pmon}GPU is lost\n`).failure?.code).toBe('gpu-lost');
  });
});

describe('parseSmiDmon', () => {
  it('gives the newest row of each GPU, in base units, and every row', () => {
    const { gpus, samples, sampleCount, problems, failure } = parseSmiDmon(dmon);
    expect([sampleCount, problems, failure]).toEqual([3, [], null]);
    expect(gpus.map(({ index, timestamp }) => [index, timestamp])).toEqual([
      [0, '20260104 13:54:36'],
      [1, '20260104 13:54:35'],
    ]);
    expect(gpus[0]?.gpu).toMatchObject({
      power: { drawWatts: 107 },
      temperature: { gpuCelsius: 39, memoryCelsius: null },
      utilization: { gpuRatio: 0.8, memoryRatio: 0.3, encoderRatio: 1, decoderRatio: 0 },
      clocks: { memoryHertz: 7.5e9, smHertz: 2.07e9 },
      memory: { usedBytes: 240 * mebibyte },
      pcie: { rxBytesPerSecond: 217e6, txBytesPerSecond: 677e6, replays: 7 },
      ecc: { aggregate: { correctable: null, uncorrectable: null } },
    });
    expect(gpus[0]?.extra).toEqual({
      powerViolationRatio: 0.02,
      hasThermalViolation: false,
      protectedMemoryUsedBytes: 0,
      gract: 0.43,
    });
    expect(samples[0]?.extra).toMatchObject({ hasThermalViolation: true });
    expect(samples[1]?.gpu.ecc?.aggregate).toEqual({ correctable: 1, uncorrectable: 2 });
  });

  it('is told apart from pmon', () => {
    expect([isDmonHead(dmon), isPmonHead(dmon), isDmonHead(pmon), isPmonHead(pmon)]).toEqual([
      true,
      false,
      false,
      true,
    ]);
    expect(isDmonHead('# a comment\n')).toBe(false);
  });

  it('keeps the newest rows of a long log', () => {
    const head = '# gpu pwr\n# Idx W\n';
    const rows = Array.from({ length: 25_000 }, (_, at) => ` 0 ${at}`).join('\n');
    const { samples, sampleCount } = parseSmiDmon(`${head}${rows}\n`);
    expect([samples.length, sampleCount]).toEqual([10_000, 25_000]);
    expect(samples.at(-1)?.gpu.power?.drawWatts).toBe(24_999);
  });
});
