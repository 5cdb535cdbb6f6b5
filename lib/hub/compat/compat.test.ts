import { beforeEach, describe, expect, test } from 'vitest';
import { compatData } from '../../cuda-compat/index.ts';
import { createFleet } from '../../fleet/index.ts';
import type {
  Container,
  ContainerCuda,
  FailedContainer,
  Injection,
  Report,
  ReportedGpu,
} from '../../model/index.ts';
import {
  gpuFixture as busyFixture,
  processFixture,
  pushFixture,
  reportFixture,
} from '../../protocol/push-fixture.ts';
import { compatAttention, spokenFor } from './attention.ts';
import { checkOn, elsewhereOf, freeGpusOf } from './check.ts';
import { compatContainerOf, compatHostOf, cudaOf, hostInjection, hostKey } from './facts.ts';
import { fleetImages, imagesNamed, reportingHosts } from './images.ts';
import { createJudge } from './judge.ts';
import { createCompatKeeper } from './keeper.ts';
import { groupsOf, imageRow } from './matrix.ts';

/** A GPU that nobody uses, as far as anyone can see. */
const gpuFixture = (index: number): ReportedGpu => {
  const gpu = busyFixture(index);
  const utilization = { ...gpu.utilization, gpuRatio: 0 };
  return { ...gpu, utilization, detailsMemoryUsedBytes: 5 * 1024 ** 2 };
};

const t0 = Date.parse('2026-11-23T12:00:00.000Z');
const cuda = (version: string, changes: Partial<ContainerCuda> = {}): ContainerCuda => ({
  evidence: [{ kind: 'environment', version, from: `CUDA_VERSION=${version}` }],
  compat: null,
  isLookedInto: true,
  problem: null,
  ...changes,
});
const container = (
  name: string,
  version: string,
  way: Injection,
  changes: Partial<Container> = {},
): Container => ({
  id: name.padEnd(64, '0'),
  name,
  image: `cuda:${version}`,
  imageId: `sha256:${version.replace('.', '').padEnd(64, 'a')}`,
  runtime: 'docker',
  state: 'running',
  startedAt: null,
  labels: {},
  cudaVersion: version,
  visibleDevices: 'all',
  requireCuda: `cuda>=${version}`,
  namespace: null,
  pod: null,
  gpus: [],
  injection: { way, reason: 'told' },
  requirements: {
    variables: { NVIDIA_REQUIRE_CUDA: `cuda>=${version}` },
    disableRequire: null,
    driverCapabilities: 'compute,utility',
  },
  cuda: cuda(version),
  ...changes,
});
const failed = (given: Container): FailedContainer => {
  const { gpus: _, ...rest } = given;
  return {
    ...rest,
    exit: {
      exitCode: 128,
      error: 'unsatisfied condition: cuda>=12.8',
      reasonProblem: null,
      isOutOfMemory: false,
      at: '2026-11-23T11:00:00.000Z',
      ranSeconds: null,
      didStart: false,
    },
  };
};

/** Three hosts: an old driver that checks, an old one that does not, a new one with a free GPU. */
function world() {
  const judge = createJudge(() => compatData);
  const fleet = createFleet(t0, () => ({}), judge.inShort);
  const keeper = createCompatKeeper({ fleet, judge });
  let sequence = 0;
  const report = (name: string, driver: string, toolkit: string, changes: Partial<Report> = {}): void => {
    sequence += 1;
    const stack = { ...reportFixture().stack, kernelDriverVersion: driver, containerToolkitVersion: toolkit };
    fleet.apply({
      host: { id: `host-${name}`, hostname: name, labels: { group: name.startsWith('new') ? 'new' : 'old' } },
      agent: pushFixture().agent,
      report: reportFixture({ sequence, stack, gpus: [gpuFixture(0)], ...changes }),
      receivedAtMillis: t0,
      takenAtMillis: t0,
      clock: { seconds: 0, measuredSeconds: [0] },
    });
  };
  report('old-1', '550.54.15', '1.17.8', {
    containers: [container('train', '12.4', 'runtime-legacy')],
    failedContainers: [failed(container('refused', '12.8', 'runtime-legacy'))],
  });
  report('old-2', '550.54.15', '1.18.0', { containers: [container('runs', '12.8', 'runtime-cdi')] });
  report('new-1', '580.95.05', '1.18.0');
  keeper.tick();
  return { judge, fleet, keeper, report };
}

let played: ReturnType<typeof world>;
beforeEach(() => {
  played = world();
});

describe('the verdict of each container', () => {
  test('is in its row, running or failed, with what it prints', () => {
    const rows = [...played.fleet.containers()];
    expect(rows.map(({ name, compat }) => [name, compat?.verdict, compat?.way])).toEqual(
      [
        ['runs', 'runs-with-limits', 'minor-version'],
        ['train', 'runs', 'native'],
      ].sort((a, b) => Number(a[0] === 'runs') - Number(b[0] === 'runs')),
    );
    const [refused] = [...played.fleet.failedContainers()];
    expect(refused).toMatchObject({
      name: 'refused',
      gpus: [],
      exit: { exitCode: 128 },
      compat: { verdict: 'refused-at-start' },
    });
    expect(refused?.compat?.errorText).toContain('unsatisfied condition: cuda>=12.8');
  });

  test('that says no is contradicted by processes on a GPU, and then needs nobody', () => {
    const { fleet, keeper, report } = played;
    const bad = container('v', '12.8', 'runtime-legacy');
    const use = {
      gpuUuid: gpuFixture(0).uuid ?? '',
      gpuInstanceId: null,
      computeInstanceId: null,
      usedMemoryBytes: 1,
      smRatio: null,
      pids: [1],
    };
    report('old-3', '550.54.15', '1.17.8', { containers: [{ ...bad, gpus: [use] }] });
    keeper.tick();
    expect([...fleet.containers()].find(({ name }) => name === 'v')?.compat).toMatchObject({
      verdict: 'refused-at-start',
      isContradicted: true,
    });
    expect(keeper.findings().map(({ name }) => name)).not.toContain('v');
  });

  test('is made anew for hosts that report, and for no other', () => {
    const { keeper, report } = played;
    const before = keeper.ofHost('host-old-2');
    report('old-1', '580.95.05', '1.18.0', { containers: [container('train', '12.4', 'runtime-cdi')] });
    keeper.tick();
    expect(keeper.ofHost('host-old-2')).toBe(before);
    expect(keeper.ofHost('host-old-1').map(({ compat }) => compat.verdict)).toEqual(['runs']);
    expect(keeper.findings().map(({ name }) => name)).toEqual(['runs']);
  });

  test('needs a person where it is no', () => {
    const items = compatAttention(played.keeper.findings(), () => false);
    expect(items).toMatchObject([
      { severity: 'critical', hostId: 'host-old-1', href: '/compat?image=cuda%3A12.8&cell=old' },
    ]);
    expect(compatAttention(played.keeper.findings(), () => true)).toEqual([]);
  });
});

describe('images by groups', () => {
  test('each with the verdict of most of its hosts, and how many say what', () => {
    const { fleet, judge } = played;
    const groups = groupsOf([...reportingHosts(fleet)]);
    const rows = fleetImages(fleet).map((image) => imageRow(judge, image, groups));
    expect(rows.map(({ reference, running, failed: bad }) => [reference, running, bad])).toEqual([
      ['cuda:12.4', 1, 0],
      ['cuda:12.8', 1, 1],
    ]);
    const [, newer] = rows;
    expect(
      newer?.cells.map(({ group, verdict, hostsByVerdict }) => [group, verdict, hostsByVerdict]),
    ).toMatchObject([
      ['new', 'runs', { runs: 1 }],
      ['old', 'refused-at-start', { 'refused-at-start': 1, 'runs-with-limits': 1 }],
    ]);
  });

  test('one that was removed before anyone saw its id counts for the image of its name', () => {
    const { fleet, report } = played;
    report('new-1', '580.95.05', '1.18.0', {
      failedContainers: [
        failed(container('gone', '12.8', 'hook', { imageId: null })),
        failed(container('stranger', '9.9', 'hook', { imageId: null })),
      ],
    });
    const all = fleetImages(fleet).map(({ reference, failed: bad }) => [reference, bad]);
    expect(all).toEqual([
      ['cuda:12.4', 0],
      ['cuda:12.8', 2],
      ['cuda:9.9', 1],
    ]);
  });

  test.each([
    ['cuda:12.8', 1],
    ['docker.io/library/cuda:12.8', 1],
    ['sha256:128aaaaaaaaa', 1],
    ['128aaaaaaaaa', 1],
    ['cuda', 0],
    ['cuda:13.0', 0],
  ])('%s names %i of them', (reference, count) => {
    expect(imagesNamed(fleetImages(played.fleet), reference)).toHaveLength(count);
  });
});

test('where it would run now are hosts that can and have a GPU that nobody uses', () => {
  const { fleet, judge, report } = played;
  report('new-2', '580.95.05', '1.18.0', {
    gpus: [{ ...gpuFixture(0), processes: [processFixture(1)] }],
  });
  fleet.tick(t0 + 1000);
  const hosts = [...reportingHosts(fleet)];
  expect(hosts.map((each) => [each.host.hostname, freeGpusOf(each)])).toEqual([
    ['new-1', 1],
    ['new-2', 0],
    ['old-1', 1],
    ['old-2', 1],
  ]);
  const wanted = { ...compatContainerOf(container('x', '12.8', 'hook')), injection: null };
  const checked = checkOn(judge, wanted, hosts);
  expect(checked.hostsByVerdict).toMatchObject({ runs: 2, 'runs-with-limits': 1, 'refused-at-start': 1 });
  expect(checked.outcomes[0]?.hosts.map(({ hostname }) => hostname)).toEqual(['new-1', 'new-2']);
  expect(elsewhereOf(checked).map(({ hostname }) => hostname)).toEqual(['new-1', 'old-2']);
});

test('a GPU that a container was given by name is not free, one of a container that may use all is', () => {
  const { fleet, report } = played;
  const gpus = [gpuFixture(0), gpuFixture(1)];
  const given = (all: boolean, gpuUuids: readonly string[]) =>
    container('idle', '12.8', 'hook', {
      grant: {
        by: 'device-request',
        all,
        count: null,
        devices: [],
        gpuUuids,
        instances: [],
        unresolved: [],
      },
    });
  const uuids = gpus.map(({ uuid }) => uuid ?? '');
  report('named', '580.95.05', '1.18.0', { gpus, containers: [given(false, uuids.slice(0, 1))] });
  report('open', '580.95.05', '1.18.0', { gpus, containers: [given(true, uuids)] });
  const free = new Map([...reportingHosts(fleet)].map((each) => [each.host.hostname, freeGpusOf(each)]));
  expect([free.get('named'), free.get('open')]).toEqual([1, 2]);
});

test.each<[string, Partial<ReportedGpu>]>([
  ['holds memory', { detailsMemoryUsedBytes: 10 * 1024 ** 3 }],
  ['works', { utilization: { ...gpuFixture(0).utilization, gpuRatio: 0.9 } }],
  ['could not be read in full', { detailsMemoryUsedBytes: null }],
])('a GPU without processes that %s is not told as free', (_what, change) => {
  const { fleet, report } = played;
  report('new-9', '580.95.05', '1.18.0', { gpus: [{ ...gpuFixture(0), ...change }] });
  const host = [...reportingHosts(fleet)].find((each) => each.host.hostname === 'new-9');
  expect(host === undefined ? null : freeGpusOf(host)).toBe(0);
});

test('whether a compat package was used on one host is not taken for its image on others', () => {
  const { fleet, report } = played;
  const compat = { driverVersion: '570.86.10', from: '/usr/local/cuda-12.8/compat', isMapped: false };
  const seen = container('seen', '12.9', 'hook', { cuda: cuda('12.9', { compat }) });
  report('new-3', '580.95.05', '1.18.0', { containers: [seen] });
  expect(compatContainerOf(seen).compatPackage).toMatchObject({ isUsed: false });
  const [image] = imagesNamed(fleetImages(fleet), 'cuda:12.9');
  expect(image?.container.compatPackage).toMatchObject({ driverVersion: '570.86.10', isUsed: null });
});

test.each<[string, readonly Container[], string | null, Injection | null]>([
  ['of its containers', [container('a', '12.4', 'hook')], '1.18.0', 'hook'],
  ['of its toolkit, from 1.18 on', [], '1.18.0', 'runtime-cdi'],
  ['of its toolkit, before', [], '1.17.8', 'runtime-legacy'],
  ['not known', [], null, null],
])('the way in which a host injects is %s', (_name, containers, containerToolkitVersion, expected) => {
  const stack = { ...reportFixture().stack, containerToolkitVersion };
  expect(hostInjection(reportFixture({ stack, containers }))).toBe(expected);
});

test.each<[readonly [string, string][], string | undefined]>([
  [
    [
      ['mapped-library', '12.4'],
      ['environment', '12.8'],
    ],
    '12.4',
  ],
  [
    [
      ['mapped-library', '12'],
      ['environment', '12.8'],
    ],
    '12.8',
  ],
  [
    [
      ['mapped-library', '12'],
      ['environment', '13.0'],
    ],
    undefined,
  ],
  [[], undefined],
])('of the evidence %j the version is %s', (evidence, version) => {
  const all = evidence.map(([kind, each]) => ({ kind: kind as 'environment', version: each, from: '' }));
  expect(cudaOf(all)?.version).toBe(version);
});

test('a compat package that nobody looked at is the one that the image names', () => {
  const compat = { driverVersion: null, from: 'NV_CUDA_COMPAT_PACKAGE=cuda-compat-12-8', isMapped: null };
  const told = container('named', '12.8', 'hook', { cuda: cuda('12.8', { compat, isLookedInto: false }) });
  expect(compatContainerOf(told).compatPackage).toMatchObject({ cudaVersion: '12.8', driverVersion: null });
});

test('a cell tells the way of most of its hosts', () => {
  const { fleet, judge, report } = played;
  const gpus = [{ ...gpuFixture(0), name: 'NVIDIA A100-SXM4-80GB', computeCapability: '8.0' }];
  const compat = { driverVersion: '570.86.10', from: '/usr/local/cuda-12.8/compat', isMapped: null };
  const image = container('cell', '12.8', 'hook', {
    cuda: cuda('12.8', { compat }),
    imageId: null,
    image: 'cell:1',
  });
  // What CUDA_VERSION asks for would refuse it.
  const requirements = { variables: {}, disableRequire: 'true', driverCapabilities: null };
  const open = { ...image, requirements };
  for (const name of ['new-a', 'new-b']) report(name, '535.309.01', '1.17.8', { gpus, containers: [open] });
  // Looked at last, and one alone: its toolkit leaves compat packages be.
  report('new-z', '535.309.01', '1.17.4', { gpus, containers: [open] });
  const groups = groupsOf([...reportingHosts(fleet)].filter(({ host }) => /new-[abz]/.test(host.hostname)));
  const [found] = imagesNamed(fleetImages(fleet), 'cell:1');
  if (found === undefined) throw new Error('no host has the image');
  expect(imageRow(judge, found, groups).cells).toMatchObject([
    { verdict: 'runs-with-limits', hostsByVerdict: { 'runs-with-limits': 3 }, way: 'forward-compat' },
  ]);
});

test('what ran on a host that is gone is not told as running, nor as needing a person', () => {
  const { fleet, keeper } = played;
  const running = () => fleetImages(fleet).map(({ runningIn }) => runningIn.length);
  const needs = () => compatAttention(keeper.findings(), spokenFor(fleet, new Set())).length;
  expect([running(), needs()]).toEqual([[1, 1], 1]);
  for (let second = 1; second <= 60; second++) fleet.tick(t0 + second * 1000);
  expect(fleet.summaries().map(({ state }) => state)).toEqual(['gone', 'gone', 'gone']);
  expect([running(), needs()]).toEqual([[0, 0], 0]);
});

test('an older agent is judged by what it tells', () => {
  const { injection: _i, requirements: _r, cuda: _c, ...older } = container('old', '12.8', 'hook');
  expect(compatContainerOf(older)).toMatchObject({
    cuda: { version: '12.8', from: 'environment' },
    requirements: [{ name: 'NVIDIA_REQUIRE_CUDA', value: 'cuda>=12.8' }],
    compatPackage: null,
    injection: null,
  });
});

test('a host whose nvidia-smi tells nothing has the GPUs that are plugged in', () => {
  const plugged = { busId: '0000:1b:00.0', driver: null, passedThrough: false, powerStatus: null };
  const report = reportFixture({
    gpus: [],
    pciGpus: [
      { ...plugged, deviceId: '2901' },
      { ...plugged, deviceId: 'ffff' },
      { ...plugged, deviceId: '2330', passedThrough: true },
    ],
  });
  expect(compatHostOf(report).gpus.map(({ computeCapability }) => computeCapability)).toEqual(['10.0', null]);
});

test('hosts of the same GPUs in another number are not alike, since a fix names GPUs by their places', () => {
  const of = (...names: string[]) =>
    hostKey(compatHostOf(reportFixture({ gpus: names.map((name, at) => ({ ...gpuFixture(at), name })) })));
  expect(of('A100', 'T4', 'T4')).not.toBe(of('A100', 'A100', 'T4'));
  expect(of('A100', 'T4')).toBe(of('A100', 'T4'));
});
