import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  emptyGpu,
  mergeGpu,
  parseFailure,
  parseQueryApps,
  parseSmiList,
  parseSmiVersion,
  withMigNames,
} from './index.ts';

const parent = 'GPU-11111111-2222-3333-4444-555555555555';

describe('parseFailure', () => {
  it.each([
    ["NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.", 9, 'driver-not-loaded'],
    ['No devices were found', 6, 'no-devices'],
    ['Failed to initialize NVML: Driver/library version mismatch', 18, 'version-mismatch'],
    ['Failed to initialize NVML: Insufficient Permissions', 4, 'insufficient-permissions'],
    ['Failed to initialize NVML: Unknown Error', 255, 'unknown-error'],
    ['Failed to initialize NVML: Driver Not Loaded', 9, 'driver-not-loaded'],
    ["NVIDIA-SMI couldn't find libnvidia-ml.so library in your system.", 12, 'library-missing'],
    ['Field "x" is not a valid field to query.', 2, 'invalid-argument'],
    ['sh: 1: nvidia-smi: not found', 127, 'command-not-found'],
    ['docker: Error response from daemon: unknown or invalid runtime name: nvidia.', 125, 'runtime-missing'],
    ['', 124, 'timeout'],
    ['', 137, 'timeout'],
    ['', 127, 'command-not-found'],
    ['', 15, 'gpu-lost'],
    ['', 12, 'library-missing'],
    ['', 77, 'unknown-error'],
  ] as const)('%s with exit code %i is %s', (text, exitCode, code) => {
    const failure = parseFailure(text, exitCode);
    expect(failure?.code).toBe(code);
    expect(failure?.message).not.toBe('');
  });

  it('names the GPU that it concerns', () => {
    const text = 'Unable to determine the device handle for GPU0000:3B:00.0: GPU is lost.  Reboot the system';
    expect(parseFailure(text, 255)).toMatchObject({ code: 'gpu-lost', gpu: '0000:3B:00.0' });
    for (const index of ['', '0: ', ' 12: '])
      expect(
        parseFailure(`Unable to determine the device handle for GPU${index}0000:23:00.0: Unknown Error`, 255),
      ).toMatchObject({ code: 'unknown-error', gpu: '0000:23:00.0' });
  });

  it('takes no answer for a failure', () => {
    expect(parseFailure('uuid, name\nGPU-1, [Unknown Error]\n', 0)).toBeNull();
    expect(parseFailure('<gpu_util>GPU is lost</gpu_util>', null)).toBeNull();
    expect(parseFailure('', null)).toBeNull();
  });

  it('takes a corrupt infoROM for a warning: the answer is complete', () => {
    expect(parseFailure('uuid\nGPU-1\nWARNING: infoROM is corrupted at gpu 0000:0B:00.0', 14)).toBeNull();
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.option(fc.integer()), (text, exitCode) => {
        parseFailure(text, exitCode);
        parseSmiList(text);
        parseSmiVersion(text);
        parseQueryApps(text);
      }),
    );
  });
});

describe('parseSmiList', () => {
  it('reads MIG devices below their GPU', () => {
    const text = [
      `GPU 0: Imaginary H1 (UUID: ${parent})`,
      '  MIG 3g.40gb     Device  0: (UUID: MIG-aaaaaaaa-0000-0000-0000-000000000000)',
      '  MIG 1g.10gb+me  Device  1: (UUID: MIG-bbbbbbbb-0000-0000-0000-000000000000)',
      'GPU 1: Imaginary (odd) (UUID: GPU-22222222-2222-3333-4444-555555555555)',
      '',
    ].join('\n');
    const { gpus, problems } = parseSmiList(text);
    expect(problems).toEqual([]);
    expect(gpus.map(({ index, name }) => [index, name])).toEqual([
      [0, 'Imaginary H1'],
      [1, 'Imaginary (odd)'],
    ]);
    expect(gpus[0]?.migDevices[1]).toEqual({
      index: 1,
      profile: '1g.10gb+me',
      uuid: 'MIG-bbbbbbbb-0000-0000-0000-000000000000',
      gpuInstanceId: null,
      computeInstanceId: null,
    });
  });

  it('reads the instances out of the old uuid form', () => {
    const text = `GPU 0: A (UUID: ${parent})\n  MIG 1g.5gb Device 6: (UUID: MIG-${parent}/13/0)\n`;
    expect(parseSmiList(text).gpus[0]?.migDevices[0]).toMatchObject({
      gpuInstanceId: 13,
      computeInstanceId: 0,
    });
  });

  it('says what it does not understand', () => {
    const { gpus, problems } = parseSmiList(`GPU 0: A (UUID: ${parent}\nwhat is this\n`);
    expect(gpus[0]?.uuid).toBe(parent);
    expect(problems.map(({ message }) => message)).toEqual([
      'ends early',
      'is neither a GPU nor a MIG device',
    ]);
  });

  it('tells of its failure', () => {
    expect(parseSmiList('No devices were found\n')).toMatchObject({
      gpus: [],
      problems: [],
      failure: { code: 'no-devices' },
    });
  });
});

describe('withMigNames', () => {
  const memory = { totalBytes: 1, usedBytes: 0, freeBytes: 1 };
  const device = { index: 0, gpuInstanceId: 7, computeInstanceId: 0, uuid: null, profile: null, memory };
  const gpu = { ...emptyGpu(), uuid: parent, migDevices: [device] };

  it('names devices by index, or by their instances where the list tells them', () => {
    const byIndex = parseSmiList(`GPU 0: A (UUID: ${parent})\n  MIG 1g.5gb Device 0: (UUID: MIG-x-1)\n`);
    expect(withMigNames(gpu, byIndex).migDevices[0]).toMatchObject({ uuid: 'MIG-x-1', profile: '1g.5gb' });
    const other = parseSmiList(
      `GPU 0: A (UUID: ${parent})\n  MIG 1g.5gb Device 0: (UUID: MIG-${parent}/9/0)\n`,
    );
    expect(withMigNames(gpu, other).migDevices[0]?.uuid).toBeNull();
  });

  it('leaves devices of another GPU alone', () => {
    const list = parseSmiList(
      'GPU 0: A (UUID: GPU-99999999-2222-3333-4444-555555555555)\n  MIG 1g.5gb Device 0: (UUID: MIG-x)\n',
    );
    expect(withMigNames(gpu, list)).toEqual(gpu);
  });
});

describe('parseSmiVersion', () => {
  it('reads the names of both ages', () => {
    const old =
      'NVIDIA-SMI version  : 595.1.2\nNVML version        : 595.1\nDRIVER version      : 595.1.3\nCUDA Version        : 13.2\n';
    expect(parseSmiVersion(old)).toMatchObject({
      driverVersion: '595.1.3',
      kernelDriverVersion: null,
      cudaVersion: '13.2',
    });
    const now =
      'NVIDIA-SMI version  : 610.1\nDRIVER version      : Deprecated, see "KMD version" instead\nCUDA version        : Deprecated, see "CUDA UMD version" instead\nKMD version         : 610.2\nCUDA UMD version    : 13.3\n';
    expect(parseSmiVersion(now)).toMatchObject({
      driverVersion: '610.2',
      kernelDriverVersion: '610.2',
      cudaVersion: '13.3',
    });
  });

  it('tells what is no version', () => {
    expect(parseSmiVersion('CUDA Version : soon\n').problems).toEqual([
      { field: 'version:CUDA Version', text: 'soon', message: 'is no version' },
    ]);
  });
});

describe('parseQueryApps', () => {
  it('puts a process name with commas together again', () => {
    const text = `gpu_uuid, pid, process_name, used_gpu_memory [MiB]\n${parent}, 12, app --x=a, --y, 300 MiB\n`;
    expect(parseQueryApps(text).processes).toEqual([
      {
        gpuUuid: parent,
        gpuPciBusId: null,
        timestamp: null,
        process: {
          pid: 12,
          type: 'C',
          name: 'app --x=a, --y',
          usedMemoryBytes: 314_572_800,
          smRatio: null,
          gpuInstanceId: null,
          computeInstanceId: null,
        },
      },
    ]);
  });

  it('does not take the maximum of a whole life for current use', () => {
    const text = `gpu_uuid, pid, gpu_utilization [%], max_memory_usage [MiB]\n${parent}, 12, 40 %, 300 MiB\n`;
    expect(parseQueryApps(text).processes[0]?.process).toMatchObject({
      usedMemoryBytes: null,
      smRatio: null,
    });
  });

  it('makes a problem of a column that it does not know', () => {
    const text = `gpu_uuid, gpu_name, pid, qubits\n${parent}, Imaginary, 12, 3\n`;
    const { processes, problems } = parseQueryApps(text);
    expect(processes).toHaveLength(1);
    expect(problems).toEqual([{ field: 'csv:qubits', text: '', message: 'is a column that is not known' }]);
  });

  it('tells of a failing GPU between the rows', () => {
    const line = 'Unable to determine the device handle for GPU0000:3B:00.0: Unknown Error';
    for (const text of [`gpu_uuid, pid\n${parent}, 12\n${line}\n${parent}, 13\n`, `pid\n12\n${line}\n13\n`]) {
      const { processes, problems, failure } = parseQueryApps(text);
      expect(processes.map(({ process }) => process.pid)).toEqual([12, 13]);
      expect(problems).toEqual([]);
      expect(failure).toEqual({ code: 'unknown-error', message: line, gpu: '0000:3B:00.0' });
    }
  });

  it('makes a problem of a short line', () => {
    expect(parseQueryApps('gpu_uuid, pid\nGPU-1\n').problems[0]?.message).toBe('has not 2 columns');
  });
});

describe('mergeGpu', () => {
  it('lays a patch over a GPU and leaves the rest', () => {
    const gpu = mergeGpu(mergeGpu(emptyGpu(), { name: 'A', migMode: { current: true } }), {
      memory: { usedBytes: 1 },
      migMode: { pending: false },
    });
    expect(gpu).toEqual({
      ...emptyGpu(),
      name: 'A',
      migMode: { current: true, pending: false },
      memory: { ...emptyGpu().memory, usedBytes: 1 },
    });
  });
});
