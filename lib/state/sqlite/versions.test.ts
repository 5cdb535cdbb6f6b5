import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Baseline } from '../../model/index.ts';
import type { StateStore } from '../state-store.ts';
import { createSqliteState } from './index.ts';

let folder = '';
let state: StateStore;
const open = () => createSqliteState({ path: join(folder, 'state.sqlite') });
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gpufleet-versions-'));
  state = await open();
});
afterEach(async () => {
  await state.close();
  rmSync(folder, { recursive: true, force: true });
});

const at = (second: number): string => new Date(second * 1000).toISOString();
const baseline = (changes: Partial<Baseline> = {}): Baseline => ({
  group: 'h100',
  facet: 'driver',
  value: '580.95.05',
  kind: 'inferred',
  since: at(1),
  by: null,
  ...changes,
});

test('baselines come back after a restart, one of each kind a group and facet', async () => {
  const accepted = baseline({ kind: 'accepted', by: 'user admin', since: at(2) });
  for (const each of [baseline(), accepted, baseline({ value: '595.71.05' })]) await state.putBaseline(each);
  await state.close();
  state = await open();
  expect(await state.listBaselines()).toEqual([accepted, baseline({ value: '595.71.05' })]);
  await state.removeBaseline({ group: 'h100', facet: 'driver', kind: 'inferred' });
  expect(await state.listBaselines()).toEqual([accepted]);
});

test('of a facet that keeps changing the newest twenty values are kept, and a removed host has none', async () => {
  const value = (hostId: string, second: number) => ({
    hostId,
    facet: 'kernel' as const,
    value: `6.1.${second}`,
    since: at(second),
  });
  for (let second = 1; second <= 30; second += 1) await state.addFacetValues([value('a', second)], []);
  await state.addFacetValues([value('b', 1), value('b', 2)], []);
  const kept = await state.listFacetValues();
  expect(kept.filter(({ hostId }) => hostId === 'a').map(({ since }) => since)).toEqual(
    Array.from({ length: 20 }, (_, index) => at(index + 11)),
  );
  expect(kept.filter(({ hostId }) => hostId === 'b')).toHaveLength(2);
  await state.removeFacetValues(['a']);
  expect(await state.listFacetValues()).toEqual([value('b', 1), value('b', 2)]);
});
