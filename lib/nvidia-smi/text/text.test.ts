import { describe, expect, it } from 'vitest';
import { fixture } from '../fixtures/read.ts';
import { isSmiText, parseSmiText } from './index.ts';

const mebibyte = 1_048_576;
const r610 = fixture('q-r610-mig.txt');
const r418 = fixture('q-r418.txt');

describe('parseSmiText', () => {
  it('reads R610: versions, moved power limits, MIG devices, processes', () => {
    const { gpus, ...document } = parseSmiText(r610);
    expect(document).toEqual({
      driverVersion: '610.1.2',
      kernelDriverVersion: '610.1.2',
      cudaVersion: '13.3',
      timestamp: 'Wed Aug 12 21:54:00 2026',
      attachedGpus: 2,
      problems: [],
      failure: null,
    });
    expect(gpus.map(({ gpu }) => [gpu.index, gpu.uuid?.slice(0, 12), gpu.pciBusId, gpu.minorNumber])).toEqual(
      [
        [0, 'GPU-11111111', '00000000:1B:00.0', 0],
        [1, 'GPU-aaaaaaaa', '00000000:43:00.0', 1],
      ],
    );
    const [mig, whole] = gpus;
    expect(mig?.gpu).toMatchObject({
      name: 'NVIDIA Imaginary 80GB',
      architecture: 'Hopper',
      migMode: { current: true, pending: true },
      eccMode: { current: true, pending: false },
      utilization: { gpuRatio: null },
      memory: { totalBytes: 81_559 * mebibyte, usedBytes: 11_125 * mebibyte, reservedBytes: 479 * mebibyte },
      temperature: { gpuCelsius: 53, memoryCelsius: 58, targetCelsius: 84, shutdownCelsius: null },
      power: { drawWatts: 444.72, averageWatts: 432.21, limitWatts: 650, minLimitWatts: 200 },
      clocks: { graphicsHertz: 1.98e9, smHertz: 1.975e9, maxSmHertz: 1.985e9 },
      pcie: {
        generation: 4,
        maxGeneration: 5,
        width: 8,
        maxWidth: 16,
        txBytesPerSecond: 9_139_000,
        replays: 9,
      },
      ecc: {
        volatile: { correctable: 5, uncorrectable: 10 },
        aggregate: { correctable: 50, uncorrectable: 100 },
      },
      remappedRows: { correctable: 1, uncorrectable: 2, pending: true, failure: false },
      throttleReasons: ['sw_power_cap', 'hw_thermal_slowdown'],
      recoveryAction: 'None',
      fabric: { state: 'Completed', status: 'Success' },
    });
    expect(mig?.gpu.migDevices).toMatchObject([
      { index: 0, gpuInstanceId: 2, computeInstanceId: 0, memory: { totalBytes: 40_448 * mebibyte } },
      { index: 1, gpuInstanceId: 9, memory: { usedBytes: 9 * mebibyte, freeBytes: 9975 * mebibyte } },
    ]);
    expect(mig?.gpu.processes).toMatchObject([
      { pid: 21180, type: 'C', name: '/opt/a b : c', usedMemoryBytes: 2296 * mebibyte, gpuInstanceId: 2 },
      { pid: 21198, name: './burn', computeInstanceId: 0 },
    ]);
    expect(mig?.extra).toMatchObject({
      requestedLimitWatts: 700,
      throttledSecondsSwPowerCap: 2,
      throttledSecondsHwPowerBrake: 0.0015,
      temperatureShutdownMarginCelsius: -8,
      mig0Multiprocessors: 60,
      fabricHealth: 'Healthy',
    });
    expect(whole?.gpu.utilization).toMatchObject({ gpuRatio: 0.37, memoryRatio: 0.12, jpegRatio: 0 });
    expect(whole?.gpu.processes).toEqual([]);
  });

  it('reads what was indented as a whole', () => {
    const indented = r418.replaceAll(/^(?=.)/gm, '    ');
    expect(isSmiText(indented)).toBe(true);
    expect(parseSmiText(indented)).toEqual(parseSmiText(r418));
  });

  it('reads R418: single and double bits, old throttle reasons, one set of power limits', () => {
    const { gpus, problems, failure } = parseSmiText(r418);
    expect([problems, failure]).toEqual([[], null]);
    expect(gpus[0]?.gpu).toMatchObject({
      ecc: {
        volatile: { correctable: 3, uncorrectable: 1 },
        aggregate: { correctable: 7, uncorrectable: 2 },
      },
      eccMode: { current: true, pending: true },
      retiredPages: { singleBit: 4, doubleBit: 5, pending: true },
      power: { drawWatts: 26.8, limitWatts: 140 },
      throttleReasons: ['gpu_idle'],
      computeMode: 'Exclusive_Process',
      utilization: { gpuRatio: 0 },
    });
    expect(gpus[0]?.extra).toMatchObject({ requestedLimitWatts: 149 });
  });

  it('says where a value is not understood', () => {
    const { gpus, problems } = parseSmiText(r418.replace('38 C', 'warm'));
    expect(gpus[0]?.gpu.temperature.gpuCelsius).toBeNull();
    expect(problems).toEqual([
      { field: 'text:/gpu[0]/temperature/gpu_temp', text: 'warm', message: 'is not a number' },
    ]);
  });

  it('tells of a lost GPU and goes on with the other', () => {
    const lost = r610.replaceAll(/(GPU UUID +: GPU-1[\s\S]*?)(?=\n\nGPU)/g, (part) =>
      part.replaceAll(/ : (?!GPU-).+/g, ' : GPU is lost'),
    );
    const { gpus } = parseSmiText(lost);
    expect(gpus.map(({ state }) => state)).toEqual(['lost', 'ok']);
    expect(gpus[0]?.failure?.code).toBe('gpu-lost');
    expect(gpus[0]?.gpu.power.drawWatts).toBeNull();
  });

  it('leaves out a GPU that is not whole', () => {
    const lines = r610.split('\n');
    const cut = parseSmiText(`${lines.slice(0, lines.indexOf('    Fabric')).join('\n')}\n`);
    expect(cut.gpus).toEqual([]);
    expect(cut.failure).toMatchObject({
      code: 'truncated',
      message: 'the document ends early, after 0 complete GPUs',
    });
    const second = r610.lastIndexOf('GPU 00000000');
    const one = parseSmiText(r610.slice(0, second + 400));
    expect(one.gpus).toEqual(parseSmiText(r610).gpus.slice(0, 1));
    expect(one.failure?.code).toBe('truncated');
  });

  it('takes a text without its last line end for whole when nothing is missing', () => {
    expect(parseSmiText(r610.trimEnd())).toMatchObject({ failure: null, gpus: [{}, {}] });
  });

  it('reads what -d shows, and gives the failure of a text that is one', () => {
    const some = 'GPU 00000000:04:00.0\n    Retired Pages\n        Single Bit ECC   : 60\n\n';
    expect(parseSmiText(`==============NVSMI LOG==============\n\n${some}`).gpus[0]?.gpu).toMatchObject({
      pciBusId: '00000000:04:00.0',
      index: 0,
      retiredPages: { singleBit: 60 },
    });
    expect(parseSmiText('No devices were found\n').failure?.code).toBe('no-devices');
  });

  it('is known by its head or by its labels', () => {
    expect(isSmiText(r610)).toBe(true);
    expect(isSmiText(r418.slice(r418.indexOf('    Product Name')))).toBe(true);
    expect(isSmiText(' Server Version: 27\n Storage Driver: overlay2\n')).toBe(false);
  });
});
