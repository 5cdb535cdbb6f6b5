import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  parseBootTime,
  parseDockerContainer,
  parseDockerVersion,
  parseDriverVersion,
  parseOsRelease,
  parseToolkitVersion,
} from './index.ts';

describe('parseDriverVersion', () => {
  it.each([
    [
      'NVRM version: NVIDIA UNIX x86_64 Kernel Module  555.42.02  Mon Jan  1 00:00:00 UTC 2024\nGCC version:  gcc version 12.2.0\n',
      { version: '555.42.02', flavour: 'proprietary' },
    ],
    [
      'NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build  (builder)\n',
      { version: '580.65.06', flavour: 'open' },
    ],
    [
      'NVRM version: NVIDIA UNIX Open Kernel Module for aarch64  595.84  Release Build',
      { version: '595.84', flavour: 'open' },
    ],
    ['NVRM version: something else\n', { version: null, flavour: null }],
    ['', { version: null, flavour: null }],
  ])('%j', (text, expected) => expect(parseDriverVersion(text)).toEqual(expected));
});

describe('parseToolkitVersion', () => {
  it.each([
    ['NVIDIA Container Toolkit CLI version 1.17.8\ncommit: 0000\n', '1.17.8'],
    ['NVIDIA Container Toolkit CLI version 1.18.0-rc.2\n', '1.18.0-rc.2'],
    ['NVIDIA Container Runtime version 1.13.5\n\nrunc version 1.2.5\n', '1.13.5'],
    ['runc version 1.2.5\n', null],
    ['bash: nvidia-ctk: command not found', null],
  ])('%j gives %s', (text, expected) => expect(parseToolkitVersion(text)).toBe(expected));
});

describe('parseOsRelease', () => {
  it.each([
    ['NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n', 'Debian GNU/Linux 12 (bookworm)'],
    ["PRETTY_NAME='Single Quoted'\n", 'Single Quoted'],
    ['PRETTY_NAME=Plain\n', 'Plain'],
    ['PRETTY_NAME="say \\"hi\\""\r\n', 'say "hi"'],
    ['PRETTY_NAME=""\n', null],
    ['NAME="Debian"\n', null],
  ])('%j gives %s', (text, expected) => expect(parseOsRelease(text)).toBe(expected));
});

describe('parseBootTime', () => {
  it('reads btime only', () => {
    expect(parseBootTime('cpu  1 2 3\nbtime 1700000000\nprocesses 5\n')).toBe(1_700_000_000);
    expect(parseBootTime('cpu  1 2 3\n')).toBeNull();
    expect(parseBootTime('btime soon\n')).toBeNull();
  });
});

const id = 'ab'.repeat(32);

describe('parseDockerContainer', () => {
  const inspect = {
    Id: id,
    Name: '/trainer',
    Image: 'sha256:1234',
    State: { Status: 'running', StartedAt: '2026-11-23T09:00:00.123456789Z' },
    Config: {
      Image: 'example/cuda:12.2',
      Env: [
        'PATH=/bin',
        'CUDA_VERSION=12.0',
        'NVIDIA_VISIBLE_DEVICES=all',
        'NVIDIA_REQUIRE_CUDA=cuda>=12.2 brand=tesla',
        'CUDA_VERSION=12.2.0',
      ],
      Labels: { 'io.kubernetes.pod.name': 'p-0', 'io.kubernetes.pod.namespace': 'ml', odd: 5 },
    },
  };

  it('reads what names a container and what its environment says of CUDA', () => {
    expect(parseDockerContainer(inspect)).toMatchObject({
      container: {
        id,
        name: 'trainer',
        image: 'example/cuda:12.2',
        imageId: 'sha256:1234',
        runtime: 'docker',
        state: 'running',
        startedAt: '2026-11-23T09:00:00.123456789Z',
        labels: { 'io.kubernetes.pod.name': 'p-0', 'io.kubernetes.pod.namespace': 'ml' },
        cudaVersion: '12.2.0',
        visibleDevices: 'all',
        requireCuda: 'cuda>=12.2 brand=tesla',
        namespace: 'ml',
        pod: 'p-0',
      },
      problems: [],
    });
  });

  it('gives null for what is not there', () => {
    const { container, problems } = parseDockerContainer({
      Id: id,
      State: { StartedAt: '0001-01-01T00:00:00Z' },
    });
    expect(problems).toEqual([]);
    expect(container).toMatchObject({
      name: null,
      image: null,
      startedAt: null,
      labels: {},
      cudaVersion: null,
    });
  });

  it('refuses what is no container', () => {
    expect(parseDockerContainer({ message: 'No such container' }).container).toBeNull();
    expect(parseDockerContainer([inspect]).problems.length).toBe(1);
  });

  it('says that a time is none', () => {
    const { container, problems } = parseDockerContainer({ Id: id, State: { StartedAt: 'yesterday' } });
    expect(container?.startedAt).toBeNull();
    expect(problems).toEqual([
      { field: 'docker:/State/StartedAt', text: 'yesterday', message: 'is no time' },
    ]);
  });

  it('cuts what is too long and leaves out labels that are too many, and says so', () => {
    const many = Object.fromEntries(Array.from({ length: 600 }, (_, key) => [`k${key}`, 'v']));
    const { container, problems } = parseDockerContainer({
      ...inspect,
      Name: `/${'n'.repeat(5000)}`,
      Config: { ...inspect.Config, Labels: { ['x'.repeat(513)]: 'y', ...many } },
    });
    expect(container?.name).toHaveLength(1024);
    expect(Object.keys(container?.labels ?? {})).toHaveLength(512);
    expect(problems.map(({ field }) => field).sort()).toEqual([
      'docker:/Config/Labels',
      'docker:/Config/Labels',
      'docker:/Name',
    ]);
    const heavy = Object.fromEntries(Array.from({ length: 20 }, (_, key) => [`k${key}`, 'v'.repeat(9000)]));
    const told = parseDockerContainer({ Id: id, Config: { Labels: heavy } }).container?.labels ?? {};
    expect(JSON.stringify(told).length).toBeLessThan(40_000);
  });

  it('takes no inherited property for a label', () => {
    expect(
      parseDockerContainer({ Id: id, Config: { Labels: JSON.parse('{"__proto__":"x"}') } }).container?.pod,
    ).toBeNull();
  });

  it('says what it got instead of a container', () => {
    const told = (value: unknown) => parseDockerContainer(value).problems.map(({ text }) => text);
    expect(told({ toString: false })).toEqual(['{"toString":false}']);
    expect(told({ Id: 'short' })).toEqual(['short']);
    expect(told(undefined)).toEqual(['nothing']);
  });

  it('never throws on any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        parseDockerContainer(value);
        parseDockerContainer({ ...inspect, Config: value, State: value });
        parseDockerVersion(value);
      }),
    );
  });
});

describe('parseDockerVersion', () => {
  it('reads Version', () => {
    expect(parseDockerVersion({ Version: '27.4.1', ApiVersion: '1.47' })).toBe('27.4.1');
    expect(parseDockerVersion({ message: 'no' })).toBeNull();
    expect(parseDockerVersion(null)).toBeNull();
  });
});
