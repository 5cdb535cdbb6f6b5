import { describe, expect, it } from 'vitest';
import { fixture } from '../fixtures/read.ts';
import { isTableText, parseSmiTable } from './index.ts';

const mebibyte = 1_048_576;
const r610 = fixture('table-r610-mig.txt');
const r331 = fixture('table-r331.txt');

describe('parseSmiTable', () => {
  it('reads R610 with MIG devices and processes', () => {
    const { gpus, ...table } = parseSmiTable(r610);
    expect(table).toEqual({
      smiVersion: '610.1.2',
      driverVersion: '610.1.2',
      kernelDriverVersion: '610.1.2',
      cudaVersion: '13.3',
      timestamp: 'Wed Aug 12 21:54:00 2026',
      warnings: ['WARNING: infoROM is corrupted at gpu 0000:43:00.0'],
      problems: [],
      failure: null,
    });
    const [mig, other] = gpus;
    expect(mig?.gpu).toMatchObject({
      index: 0,
      uuid: null,
      name: 'NVIDIA Imaginary 80GB HBM ...',
      pciBusId: '00000000:1B:00.0',
      persistenceMode: true,
      fanRatio: null,
      temperature: { gpuCelsius: 52 },
      performanceState: 'P0',
      power: { drawWatts: 432, limitWatts: 700 },
      memory: { usedBytes: 11_125 * mebibyte, totalBytes: 81_559 * mebibyte, freeBytes: null },
      utilization: { gpuRatio: null },
      computeMode: 'Default',
      migMode: { current: true, pending: true },
      eccMode: { current: true, pending: null },
      ecc: { volatile: { uncorrectable: null } },
    });
    expect(mig?.gpu.migDevices).toMatchObject([
      { index: 0, gpuInstanceId: 2, memory: { usedBytes: 11_091 * mebibyte } },
      { index: 1, gpuInstanceId: 9, memory: { totalBytes: 9984 * mebibyte } },
    ]);
    expect(mig?.gpu.processes).toMatchObject([
      { pid: 21180, type: 'C', name: '/opt/a b', usedMemoryBytes: 2296 * mebibyte, gpuInstanceId: 2 },
    ]);
    expect(mig?.extra).toMatchObject({
      nameIsCut: true,
      mig0Multiprocessors: 60,
      mig0Bar1UsedBytes: mebibyte,
    });
    expect(other).toMatchObject({
      state: 'ok',
      failure: { code: 'unknown-error', gpu: '00000000:43:00.0' },
      gpu: {
        index: 1,
        persistenceMode: false,
        fanRatio: null,
        computeMode: 'Exclusive_Process',
        utilization: { gpuRatio: 0.93 },
        migMode: { current: false, pending: true },
        ecc: { volatile: { uncorrectable: 3 } },
        processes: [
          { pid: 2056, type: 'C+G', name: '...e Experience\\Imaginary Share.exe', usedMemoryBytes: null },
          { pid: 2057, type: 'C', name: null, usedMemoryBytes: 12 * mebibyte },
        ],
      },
      extra: { displayActive: 'Enabled' },
    });
  });

  it('reads R331: no CUDA, two rows a GPU, processes without a type', () => {
    const { gpus, problems, failure, driverVersion, cudaVersion } = parseSmiTable(r331);
    expect([problems, failure, driverVersion, cudaVersion]).toEqual([[], null, '331.38', null]);
    expect(gpus.map(({ gpu }) => gpu.power.limitWatts)).toEqual([null, 225]);
    expect(gpus[1]?.gpu).toMatchObject({ computeMode: 'Prohibited', eccMode: { current: false } });
    expect(gpus[1]?.gpu.processes).toMatchObject([{ pid: 1813, name: '/opt/a b', type: null }]);
  });

  it('reads a table whose blanks a web page has folded', () => {
    const folded = r610.replaceAll(/ {2,}/g, ' ');
    const told = parseSmiTable(folded);
    expect(told.gpus).toEqual(parseSmiTable(r610).gpus);
    expect(told.problems).toEqual([]);
  });

  it('keeps a GPU whose rows are whole, and no other, when the text is cut', () => {
    const upTo = (text: string) => r610.slice(0, r610.indexOf(text) + text.length);
    const atFan = parseSmiTable(upTo('|ERR!   68C'));
    expect(atFan.gpus.map(({ gpu }) => gpu.index)).toEqual([0]);
    expect(atFan.failure?.code).toBe('truncated');
    const atMode = parseSmiTable(`${upTo('Disabled* |')}\n`);
    expect(atMode.gpus.map(({ gpu }) => gpu.index)).toEqual([0, 1]);
    expect(atMode.failure?.code).toBe('truncated');
  });

  it('reads a piece without its head', () => {
    const piece = r610.slice(r610.indexOf('|   1  NVIDIA'), r610.indexOf('\n\n'));
    expect(isTableText(piece)).toBe(true);
    const { gpus, failure } = parseSmiTable(`${piece}\n`);
    expect(gpus.map(({ gpu }) => gpu.index)).toEqual([1]);
    expect(failure).toMatchObject({ code: 'truncated', message: 'the text ends early: its head is missing' });
  });

  it('takes the last of several, as -l prints them', () => {
    const two = parseSmiTable(`${r610}${r610.replaceAll('52C', '60C')}`);
    expect(two.gpus.map(({ gpu }) => gpu.temperature.gpuCelsius)).toEqual([60, 68]);
  });

  it('tells of a lost GPU, and of what is no row', () => {
    const lost = r610
      .replace(
        '| N/A   52C    P0            432W /  700W |   11125MiB /  81559MiB |',
        '|ERR!  ERR! ERR!  ERR! / ERR! | GPU is lost |',
      )
      .replace('|    1   N/A  N/A            2057', '|    ?   N/A  N/A            2057');
    const { gpus, problems } = parseSmiTable(lost);
    expect(gpus[0]).toMatchObject({ state: 'lost', gpu: { index: 0, memory: { usedBytes: null } } });
    expect(problems).toMatchObject([{ field: 'table:/process', message: 'is no row of a process' }]);
  });
});
