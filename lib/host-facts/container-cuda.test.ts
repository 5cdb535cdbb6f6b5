import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isFailure, parseContainerStack } from './container-stack.ts';
import { type InjectionHost, injectionOf } from './injection.ts';
import { compatDriverOf, cudaOfWheels, parseCudaVersionFile, parseMappedCuda } from './mapped-cuda.ts';

const host = (changes: Partial<InjectionHost> = {}): InjectionHost => ({
  toolkitVersion: '1.17.8',
  toolkitMode: null,
  isModeKnown: true,
  engineVersion: '28.3.0',
  ...changes,
});
const gpus = { Driver: '', Count: -1, Capabilities: [['gpu']] };
const nvidia = { HostConfig: { Runtime: 'nvidia' } };

describe('how a container got its GPUs', () => {
  // Toolkit: CDI by default since 1.18.0. Docker: --gpus by CDI since 29 (moby 50228).
  test.each<[string, unknown, Partial<InjectionHost>, string | null]>([
    ['--gpus', { HostConfig: { Runtime: 'runc', DeviceRequests: [gpus] } }, {}, 'hook'],
    [
      '--gpus of Docker 29',
      { HostConfig: { Runtime: 'runc', DeviceRequests: [gpus] } },
      { engineVersion: '29.0.1' },
      null,
    ],
    [
      '--gpus of whatever',
      { HostConfig: { Runtime: 'runc', DeviceRequests: [gpus] } },
      { engineVersion: null },
      null,
    ],
    [
      '--device nvidia.com/gpu=0',
      {
        HostConfig: { Runtime: 'runc', DeviceRequests: [{ Driver: 'cdi', DeviceIDs: ['nvidia.com/gpu=0'] }] },
      },
      {},
      'cdi-device',
    ],
    [
      "another vendor's device",
      { HostConfig: { DeviceRequests: [{ Driver: 'cdi', DeviceIDs: ['a.com/net=0'] }] } },
      {},
      null,
    ],
    [
      'a CDI name of Podman',
      { HostConfig: { Devices: [{ PathOnHost: 'nvidia.com/gpu=all' }] } },
      {},
      'cdi-device',
    ],
    ['runtime nvidia before 1.18', nvidia, {}, 'runtime-legacy'],
    ['runtime nvidia from 1.18', nvidia, { toolkitVersion: '1.18.0' }, 'runtime-cdi'],
    ['runtime nvidia of a candidate', nvidia, { toolkitVersion: '1.18.0~rc.1' }, 'runtime-cdi'],
    ['runtime nvidia, auto', nvidia, { toolkitMode: 'auto', toolkitVersion: '1.20.0' }, 'runtime-cdi'],
    [
      'runtime nvidia, told legacy',
      nvidia,
      { toolkitMode: 'legacy', toolkitVersion: '1.20.0' },
      'runtime-legacy',
    ],
    ['runtime nvidia, told cdi', nvidia, { toolkitMode: 'cdi' }, 'runtime-cdi'],
    ['runtime nvidia, Tegra', nvidia, { toolkitMode: 'csv', toolkitVersion: '1.20.0' }, 'runtime-legacy'],
    ['runtime nvidia in a mode of tomorrow', nvidia, { toolkitMode: 'warp' }, null],
    ['runtime nvidia without a version', nvidia, { toolkitVersion: null }, null],
    ['runtime nvidia, settings hidden', nvidia, { isModeKnown: false }, null],
    ['runtime nvidia-cdi', { HostConfig: { Runtime: 'nvidia-cdi' } }, { isModeKnown: false }, 'runtime-cdi'],
    [
      'runtime nvidia-legacy',
      { HostConfig: { Runtime: 'nvidia-legacy' } },
      { toolkitVersion: '1.20.0' },
      'runtime-legacy',
    ],
    [
      'a runtime by its path',
      { HostConfig: { Runtime: '/usr/bin/nvidia-container-runtime' } },
      {},
      'runtime-legacy',
    ],
    [
      'runtime nvidia with CDI names',
      { HostConfig: { Runtime: 'nvidia' }, Config: { Env: ['NVIDIA_VISIBLE_DEVICES=nvidia.com/gpu=0'] } },
      {},
      'runtime-cdi',
    ],
    [
      'a device node by hand',
      { HostConfig: { Runtime: 'runc', Devices: [{ PathOnHost: '/dev/nvidia0' }] } },
      {},
      null,
    ],
    ['nothing', { HostConfig: { Runtime: 'runc' } }, {}, null],
    ['nonsense', 7, {}, null],
  ])('%s', (_name, inspect, changes, way) => {
    const injection = injectionOf(inspect, host(changes));
    expect(injection.way).toBe(way);
    expect(injection.reason).not.toBe('');
  });
});

const inspect = (Env: string[], State: object = {}, more: object = {}) => ({
  Created: '2026-11-20T10:00:00Z',
  Config: { Env },
  State: { Status: 'running', Pid: 77, ...State },
  ...more,
});

describe('what its image and engine say', () => {
  test('requirements are all of NVIDIA_REQUIRE_*, the last of each, those of JetPack left out', () => {
    const stack = parseContainerStack(
      inspect([
        'NVIDIA_REQUIRE_CUDA=cuda>=11.0',
        'NVIDIA_REQUIRE_CUDA=cuda>=12.8 brand=tesla,driver>=535,driver<536',
        'NVIDIA_REQUIRE_ARCH=arch>=8.0',
        'NVIDIA_REQUIRE_JETPACK=csv-mounts=all',
        'NVIDIA_DISABLE_REQUIRE=t',
        'NVIDIA_DRIVER_CAPABILITIES=compute,utility',
        'AWS_SECRET_ACCESS_KEY=hunter2',
      ]),
    );
    expect(stack.requirements).toEqual({
      variables: {
        NVIDIA_REQUIRE_CUDA: 'cuda>=12.8 brand=tesla,driver>=535,driver<536',
        NVIDIA_REQUIRE_ARCH: 'arch>=8.0',
      },
      disableRequire: 't',
      driverCapabilities: 'compute,utility',
    });
    expect(stack.evidence).toEqual([
      { kind: 'requirement', version: '12.8', from: 'NVIDIA_REQUIRE_CUDA asks for cuda>=12.8' },
    ]);
    expect(JSON.stringify(stack)).not.toContain('hunter2');
    expect(stack.initPid).toBe(77);
  });

  test.each([
    ['CUDA_VERSION=12.4.1', '12.4'],
    ['CUDA_VERSION=13.0.1.012', '13.0'],
    ['NV_CUDA_CUDART_VERSION=12.4.127-1', '12.4'],
    ['CUDA_VERSION=latest', undefined],
    ['CUDA_VERSION=', undefined],
  ])('%s is CUDA %s', (variable, version) => {
    expect(parseContainerStack(inspect([variable])).evidence[0]?.version).toBe(version);
  });

  test('a compat package is known by name, and by version where NGC images tell it', () => {
    expect(parseContainerStack(inspect(['NV_CUDA_COMPAT_PACKAGE=cuda-compat-12-8'])).compat).toMatchObject({
      driverVersion: null,
    });
    expect(parseContainerStack(inspect(['CUDA_DRIVER_VERSION=575.51.03'])).compat).toMatchObject({
      driverVersion: '575.51.03',
    });
    expect(parseContainerStack(inspect([])).compat).toBeNull();
  });

  const ended = { Status: 'exited', StartedAt: '2026-11-20T10:00:00Z', FinishedAt: '2026-11-20T10:00:07Z' };
  test.each<[string, object, object | null, boolean]>([
    ['running', { ExitCode: 0 }, null, false],
    ['made and not started', { Status: 'created', ExitCode: 0 }, null, false],
    [
      'refused at its start',
      {
        Status: 'created',
        ExitCode: 128,
        Error: 'unsatisfied condition: cuda>=12.8',
        StartedAt: '0001-01-01T00:00:00Z',
      },
      { didStart: false, at: '2026-11-20T10:00:00.000Z', exitCode: 128, ranSeconds: null },
      true,
    ],
    ['ended well at once', { ...ended, ExitCode: 0 }, { ranSeconds: 7 }, false],
    ['ended badly at once', { ...ended, ExitCode: 1, Error: '' }, { ranSeconds: 7, error: null }, true],
    [
      'ended badly after an hour',
      { ...ended, ExitCode: 1, FinishedAt: '2026-11-20T11:00:00Z' },
      { ranSeconds: 3600 },
      false,
    ],
    ['out of memory at once', { ...ended, ExitCode: 0, OOMKilled: true }, { isOutOfMemory: true }, true],
    [
      'refused when started again',
      { ...ended, ExitCode: 128, Error: 'no such runtime' },
      { didStart: false, ranSeconds: null },
      true,
    ],
    ['without times', { Status: 'exited', ExitCode: 1 }, null, false],
  ])('a container that is %s', (_name, state, expected, failure) => {
    const { exit } = parseContainerStack(inspect([], state));
    if (expected === null) expect(exit).toBeNull();
    else expect(exit).toMatchObject(expected);
    expect(exit !== null && isFailure(exit)).toBe(failure);
  });

  test.each([
    [{ HostConfig: { Runtime: 'nvidia' } }, true],
    [{ HostConfig: { DeviceRequests: [gpus] } }, true],
    [{ HostConfig: { Devices: [{ PathOnHost: '/dev/nvidia0' }] } }, true],
    [{ Config: { Env: ['NVIDIA_VISIBLE_DEVICES=all'] } }, true],
    [{ Config: { Env: ['NVIDIA_VISIBLE_DEVICES=void'] } }, false],
    [{ HostConfig: { Runtime: 'runc', DeviceRequests: null } }, false],
  ])('%j is of NVIDIA: %s', (document, expected) => {
    expect(parseContainerStack(document).isOfNvidia).toBe(expected);
  });

  test('nothing that comes as JSON makes it throw', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (HostConfig, Config, State) => {
        parseContainerStack({ HostConfig, Config, State });
        injectionOf({ HostConfig, Config, State }, host());
      }),
    );
  });
});

const map = (...paths: string[]) =>
  paths.map((path) => `7f2c4a000000-7f2c4a0a8000 r-xp 00000000 08:01 131 ${path}`).join('\n');

describe('what a process has mapped', () => {
  test.each<[string, string[], string | undefined, string | undefined]>([
    [
      'the runtime of the toolkit',
      ['/usr/local/cuda-12.4/targets/x86_64-linux/lib/libcudart.so.12.4.127'],
      '12.4',
      'mapped-library',
    ],
    [
      'a wheel',
      ['/usr/lib/python3/dist-packages/nvidia/cuda_runtime/lib/libcudart.so.12'],
      '12',
      'mapped-library',
    ],
    [
      'a wheel beside its compiler',
      [
        '/v/lib/python3.12/site-packages/nvidia/cu13/lib/libcudart.so.13',
        '/v/lib/python3.12/site-packages/nvidia/cu13/lib/libnvrtc.so.13.0.88',
      ],
      '13.0',
      'mapped-library',
    ],
    ['the runtime that torch brings', ['/opt/torch/lib/libcudart-a7b20f20.so.11.0'], '11', 'mapped-library'],
    ['CUDA 10', ['/usr/local/cuda-10.2/lib64/libcudart.so.10.2.89'], '10.2', 'mapped-library'],
    [
      'one that was replaced while it ran',
      ['/usr/lib/libcudart.so.12.8.90 (deleted)'],
      '12.8',
      'mapped-library',
    ],
    ['no CUDA runtime (linked statically)', ['/usr/lib/x86_64-linux-gnu/libc.so.6'], undefined, undefined],
  ])('%s', (_name, paths, version, kind) => {
    const [first] = parseMappedCuda(map(...paths)).evidence;
    expect(first?.version).toBe(version);
    expect(first?.kind).toBe(kind);
  });

  test.each([
    ['/usr/lib/x86_64-linux-gnu/libcuda.so.550.54.15', '550.54.15', false],
    ['/usr/local/cuda/compat/libcuda.so.580.95.05', '580.95.05', true],
    ['/usr/local/cuda-13.0/compat/lib.real/libcuda.so.580.95.05', '580.95.05', true],
  ])('the driver library %s', (path, version, isCompat) => {
    expect(parseMappedCuda(map(path)).driver).toEqual({ version, path, isCompat });
  });

  test('names where packages of pip are, when only they tell the whole version', () => {
    const folder = '/opt/venv/lib/python3.11/site-packages';
    expect(parseMappedCuda(map(`${folder}/nvidia/cuda_runtime/lib/libcudart.so.12`)).wheelsFolder).toBe(
      folder,
    );
    expect(cudaOfWheels(['torch-2.6.0', 'nvidia_cuda_runtime_cu12-12.4.127.dist-info'], folder)).toEqual({
      kind: 'mapped-library',
      version: '12.4',
      from: `${folder}/nvidia_cuda_runtime_cu12-12.4.127.dist-info`,
    });
    expect(cudaOfWheels(['nvidia_cuda_runtime-13.0.88.dist-info'], folder)?.version).toBe('13.0');
    expect(cudaOfWheels(['torch-2.6.0'], folder)).toBeNull();
  });

  test('never throws', () => {
    fc.assert(fc.property(fc.string({ maxLength: 2000 }), (text) => void parseMappedCuda(text)));
  });
});

test.each([
  ['{"cuda":{"name":"CUDA SDK","version":"12.4.1"},"cuda_cudart":{"version":"12.4.127"}}', '12.4'],
  ['{\n  "cuda" : {\n    "name" : "CUDA SDK",\n    "version" : "13.0.20250801"\n  }\n}', '13.0'],
  ['CUDA Version 10.2.89\n', '10.2'],
  ['{"nccl":{"version":"2.21"}}', undefined],
  ['', undefined],
])('version file %j', (text, version) => {
  expect(parseCudaVersionFile(text, '/usr/local/cuda/version.json')?.version).toBe(version);
});

test.each<[string[], string | null | undefined]>([
  [['libcuda.so', 'libcuda.so.1', 'libcuda.so.570.86.10', 'libnvidia-ptxjitcompiler.so.1'], '570.86.10'],
  [['libcuda.so.1'], null],
  [['README'], undefined],
])('a compat folder with %j', (names, version) => {
  expect(compatDriverOf(names)).toBe(version);
});
