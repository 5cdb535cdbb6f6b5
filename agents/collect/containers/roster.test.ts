import { expect, it } from 'vitest';
import type { SourceStatus } from '../../../lib/model/index.ts';
import type { Containers } from './index.ts';
import { createRoster, type RosterEngine } from './roster.ts';

it('asks at most so many users’ engines, and lets go of one whose user has nothing on a GPU any more', async () => {
  const running = new Set<number>();
  const engineOf = (uid: number): RosterEngine => ({
    ...{ title: 'Podman', runtimes: ['podman'], uid, isOptional: true, socketPath: `/run/user/${uid}` },
    status: () => ({ state: 'ok' }) as SourceStatus,
    containers: {
      async start() {
        running.add(uid);
      },
      async stop() {
        running.delete(uid);
      },
      need() {},
      async caughtUp() {},
      known: new Map(),
      problems: [],
      engineVersion: null,
      failed: [],
    } satisfies Containers,
  });
  const roster = createRoster([], engineOf);
  const need = (uids: readonly number[]) =>
    roster.need(uids.map((uid) => ({ id: String(uid).padStart(64, '0'), runtime: 'podman', uid })));
  const sixteen = Array.from({ length: 16 }, (_, index) => 1000 + index);
  need([...sixteen, 2000]);
  expect([...running]).toEqual(sixteen);
  need([...sixteen.slice(1), 2000]);
  expect([...running]).toEqual([...sixteen.slice(1), 2000]);
  await roster.stop();
  expect(running.size).toBe(0);
});
