import { expect, test } from 'vitest';
import type { AgentCode, AgentStatus, Rollout } from '../../model/index.ts';
import type { StateStore } from '../../state/state-store.ts';
import { newRollout } from './plan.ts';
import { createRollouts } from './rollouts.ts';

const startedAt = '2026-11-25T10:00:00.000Z';
const sha256 = 'a'.repeat(64);

const agent = (code: Partial<AgentCode>): AgentStatus => ({
  version: '1.0.0',
  epoch: 'e',
  startedAt,
  spooledReports: 0,
  spooledBytes: 0,
  droppedReports: 0,
  code: { sha256: 'b'.repeat(64), canUpgrade: true, access: 'gpu', upgrade: null, ...code },
});
const saying = (state: 'fetching' | 'done' | 'refused') => ({
  upgrade: { serial: 7, version: '2.0.0', state, message: null },
});

/** A rollout of two hosts at once, both of which have begun to fetch its file. */
async function underWay() {
  let nowMillis = Date.parse(startedAt);
  const settled: string[] = [];
  let kept: Rollout | null = null;
  const state: Pick<StateStore, 'putRollout' | 'listRollouts'> = {
    putRollout: async (rollout) => {
      kept = rollout;
    },
    listRollouts: async () => (kept === null ? [] : [kept]),
  };
  const rollouts = createRollouts({
    state: state as StateStore,
    now: () => nowMillis,
    log: () => undefined,
    lastReportAtMillis: () => nowMillis,
    onSettled: async () => {
      settled.push(rollouts.current?.id ?? 'another may begin');
    },
  });
  await rollouts.begin(
    newRollout({
      id: 'r1',
      serial: 7,
      version: '2.0.0',
      sha256,
      sizeBytes: 1000,
      signature: 'x',
      trialSeconds: 120,
      firstHosts: 2,
      batchSize: 2,
      createdAt: startedAt,
      createdBy: 'user ada',
      hosts: ['a', 'b'].map((id) => ({ id, hostname: `host-${id}` })),
    }),
  );
  for (const id of ['a', 'b']) {
    rollouts.afterPush(id, agent({}));
    rollouts.afterPush(id, agent(saying('fetching')));
  }
  const secondLater = async (): Promise<void> => {
    nowMillis += 1000;
    rollouts.tick();
    await new Promise(setImmediate);
  };
  return { rollouts, settled, secondLater };
}

test('stopped, the file stays for the hosts that fetch it, and goes with the last of them', async () => {
  const { rollouts, settled, secondLater } = await underWay();
  await rollouts.stop('r1', 'by ada');
  await secondLater();
  expect(settled).toEqual([]);
  rollouts.afterPush('a', agent({ sha256, ...saying('done') }));
  await secondLater();
  expect(settled).toEqual([]);
  rollouts.afterPush('b', agent({ sha256, ...saying('done') }));
  await secondLater();
  expect(settled).toEqual(['r1']);
  expect(rollouts.current).toBeNull();
});

test('failed by one host, the file stays for the other', async () => {
  const { rollouts, settled, secondLater } = await underWay();
  rollouts.afterPush('a', agent(saying('refused')));
  await secondLater();
  expect(rollouts.current?.state).toBe('failed');
  expect(settled).toEqual([]);
  rollouts.afterPush('b', agent({ sha256, ...saying('done') }));
  await secondLater();
  expect(settled).toEqual(['r1']);
});
