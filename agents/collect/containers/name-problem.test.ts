import { expect, test } from 'vitest';
import type { SourceStatus } from '../../../lib/model/index.ts';
import { type NamingEngine, nameProblemOf } from './name-problem.ts';

const engine = (
  title: string,
  runtimes: string[],
  status: Partial<SourceStatus>,
  rest: Partial<NamingEngine> = {},
): NamingEngine => ({
  ...{ title, runtimes, socketPath: `/run/${title}.sock`, uid: null },
  status: () =>
    ({
      ...{ source: '', command: '', durationSeconds: null, lastSuccessAt: null, failure: null },
      ...{ state: 'ok', runs: 1, failures: 0 },
      ...status,
    }) as SourceStatus,
  ...rest,
});
const denied = { code: 'insufficient-permissions', message: 'x', gpu: null } as const;
const broken = { code: 'unknown-error', message: 'status 500', gpu: null } as const;

test.each<[string, number | null, NamingEngine[], string]>([
  [
    'docker',
    null,
    [engine('Docker', ['docker'], { state: 'absent' })],
    'no Docker socket at /run/Docker.sock, so no name',
  ],
  [
    'docker',
    null,
    [engine('Docker', ['docker'], { state: 'absent' }, { socketPath: null })],
    'Docker is not asked here, so no name',
  ],
  [
    'docker',
    null,
    [engine('Docker', ['docker'], { state: 'absent', runs: 0 })],
    'Docker was not asked yet, so no name',
  ],
  [
    'docker',
    null,
    [engine('Docker', ['docker'], { state: 'hung' })],
    'Docker at /run/Docker.sock does not answer, so no name',
  ],
  [
    'docker',
    null,
    [engine('Docker', ['docker'], { state: 'failed', failure: denied })],
    'no permission to ask Docker at /run/Docker.sock, so no name',
  ],
  [
    'docker',
    null,
    [engine('Docker', ['docker'], { state: 'failed', failure: broken })],
    'Docker at /run/Docker.sock: status 500, so no name',
  ],
  ['docker', null, [engine('Docker', ['docker'], {})], 'Docker does not know this container, so no name'],
  // Of a pod's container any engine might be the one: those that are not there say least.
  [
    'kubernetes',
    null,
    [
      engine('Docker', ['kubernetes'], { state: 'absent' }),
      engine('containerd', ['kubernetes'], { state: 'failed', failure: denied }),
    ],
    'no permission to ask containerd at /run/containerd.sock, so no name',
  ],
  [
    'podman',
    1000,
    [
      engine('Podman', ['podman'], {}),
      engine("ana's Podman", ['podman'], { state: 'absent' }, { uid: 1000 }),
    ],
    "no ana's Podman socket at /run/ana's Podman.sock, so no name",
  ],
  ['lxc', null, [engine('Docker', ['docker'], {})], 'lxc tells no names that can be read here'],
])('%s of user %j', (runtime, uid, engines, words) =>
  expect(nameProblemOf({ runtime, uid }, engines)).toBe(words),
);
