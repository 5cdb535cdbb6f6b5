import { expect, test } from 'vitest';
import type { Container, FailedContainer } from '../model/index.ts';
import { pushFixture, reportFixture } from './push-fixture.ts';
import { readPush } from './read-push.ts';

const older: Container = {
  id: 'a'.repeat(64),
  name: 'train',
  image: 'cuda:12',
  imageId: null,
  runtime: 'docker',
  state: 'running',
  startedAt: null,
  labels: {},
  cudaVersion: '12.8.1',
  visibleDevices: 'all',
  requireCuda: 'cuda>=12.8',
  namespace: null,
  pod: null,
  gpus: [],
};
const facts: Required<Pick<Container, 'injection' | 'requirements' | 'cuda'>> = {
  injection: { way: 'runtime-cdi', reason: 'runtime nvidia, toolkit 1.18.0 in mode auto' },
  requirements: {
    variables: { NVIDIA_REQUIRE_CUDA: 'cuda>=12.8' },
    disableRequire: null,
    driverCapabilities: null,
  },
  cuda: {
    evidence: [{ kind: 'mapped-library', version: '12.8', from: '/usr/lib/libcudart.so.12.8.90' }],
    compat: { driverVersion: '570.86.10', from: '/usr/local/cuda/compat', isMapped: false },
    isLookedInto: true,
    problem: null,
  },
};
const { gpus: _, ...ended } = { ...older, ...facts };
const failed: FailedContainer = {
  ...ended,
  exit: {
    exitCode: 128,
    error: 'nvidia-container-cli: requirement error',
    reasonProblem: null,
    isOutOfMemory: false,
    at: '2026-11-23T12:00:00.000Z',
    ranSeconds: null,
    didStart: false,
  },
};
const read = (value: unknown) => readPush(new TextEncoder().encode(JSON.stringify(value)));
const push = (containers: readonly Container[], failedContainers?: readonly FailedContainer[]) =>
  pushFixture({
    reports: [reportFixture({ containers, ...(failedContainers && { failedContainers }) })],
  });

test('what a container says of CUDA is taken, and so is an older agent that tells nothing of it', () => {
  const now = push([{ ...older, ...facts }], [failed]);
  expect(read(now)).toEqual({ outcome: 'read', value: now });
  const before = push([older]);
  expect(read(before)).toEqual({ outcome: 'read', value: before });
});

test.each<[string, Container, string]>([
  [
    'a variable that is no requirement',
    {
      ...older,
      requirements: { variables: { AWS_SECRET: 'x' }, disableRequire: null, driverCapabilities: null },
    },
    '/reports/0/containers/0/requirements/variables/AWS_SECRET',
  ],
  [
    'a way that does not exist',
    { ...older, injection: { way: 'magic' as never, reason: '' } },
    '/reports/0/containers/0/injection/way',
  ],
])('%s is refused where it stands', (_name, container, pointer) => {
  expect(read(push([container]))).toMatchObject({ errors: [{ pointer }] });
});
