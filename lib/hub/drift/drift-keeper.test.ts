import { describe, expect, test } from 'vitest';
import { createFleet } from '../../fleet/index.ts';
import type { Baseline, FacetChange, FacetName, HostSoftware, Report } from '../../model/index.ts';
import { pushFixture, reportFixture } from '../../protocol/push-fixture.ts';
import type { FacetValueRecord, VersionsState } from '../../state/state-store.ts';
import type { DeclaredBaselines } from './baseline-book.ts';
import { createDriftKeeper } from './drift-keeper.ts';

const t0 = Date.parse('2026-11-23T12:00:00.000Z');
const settleMillis = 15_000;

/** Keeps what is put, as a database would over a restart. */
function memoryState() {
  const baselines = new Map<string, Baseline>();
  let values: FacetValueRecord[] = [];
  let changes: FacetChange[] = [];
  let failures = 0;
  const key = ({ group, facet, kind }: Pick<Baseline, 'group' | 'facet' | 'kind'>) =>
    [group, facet, kind].join();
  const state: VersionsState = {
    listBaselines: async () => [...baselines.values()],
    putBaseline: async (baseline) => void baselines.set(key(baseline), baseline),
    removeBaseline: async (which) => void baselines.delete(key(which)),
    listFacetValues: async () => values,
    addFacetValues: async (records, added) => {
      if (failures > 0) {
        failures -= 1;
        throw new Error('full');
      }
      values.push(...records);
      changes.push(...added);
    },
    listFacetChanges: async () => changes.toReversed(),
    listGoneFacets: async () => [],
    pruneFacetChanges: async () => {},
    removeFacetValues: async (hostIds) => {
      values = values.filter(({ hostId }) => !hostIds.includes(hostId));
      changes = changes.filter(({ hostId }) => !hostIds.includes(hostId));
    },
  };
  return {
    state,
    values: () => values,
    changes: () => changes,
    baselines: () => [...baselines.values()],
    failNext: () => {
      failures = 1;
    },
  };
}

const idOf = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

/** A hub's fleet and keeper with a clock of their own; `restart` makes new ones on the same state. */
async function world(hostCount: number, memory = memoryState(), startSecond = 0, known: number[] = []) {
  let second = startSecond;
  let sequence = startSecond * 10_000;
  let declared: DeclaredBaselines = new Map();
  let declare = () => {};
  const now = () => t0 + second * 1000;
  const fleet = createFleet(now());
  const base = pushFixture();
  for (const number of known)
    fleet.know(
      {
        id: idOf(number),
        hostname: `gpu-${number}`,
        agentLabels: { group: 'h100' },
        hubLabels: {},
        enrolledAtMillis: t0,
        last: {
          report: reportFixture(),
          agentLabelSources: {},
          agent: base.agent,
          receivedAtMillis: now() - 1000,
          takenAtMillis: now() - 1000,
          gone: false,
        },
      },
      now(),
    );
  const drift = createDriftKeeper({
    fleet,
    state: memory.state,
    now,
    log: () => {},
    settleMillis,
    knowledge: { branches: [], bulletins: [], toolkitCves: [] },
    declared: {
      current: () => declared,
      onChange: (listener) => {
        declare = listener;
        return () => {};
      },
    },
  });
  await drift.open();
  const drivers = new Map<number, string>();
  const groups = new Map<number, string>();
  const silent = new Set<number>();
  const report = (
    number: number,
    changes: Partial<Report> = {},
    delaySeconds = 0,
    software: HostSoftware | null = null,
  ) => {
    sequence += 1;
    const stack = { ...reportFixture().stack, kernelDriverVersion: drivers.get(number) ?? '580.95.05' };
    fleet.apply({
      host: { id: idOf(number), hostname: `gpu-${number}`, labels: { group: groups.get(number) ?? 'h100' } },
      agent: base.agent,
      software,
      report: reportFixture({ sequence, stack, ...changes }),
      receivedAtMillis: now(),
      takenAtMillis: now() - delaySeconds * 1000,
      clock: { seconds: 0, measuredSeconds: [0] },
    });
  };
  return {
    fleet,
    drift,
    memory,
    drivers,
    groups,
    silent,
    report,
    now,
    second: () => second,
    declareNow(next: DeclaredBaselines) {
      declared = next;
      declare();
    },
    /** Every host that is not silent reports every five seconds. */
    async pass(seconds: number) {
      for (let left = seconds; left > 0; left -= 1) {
        second += 1;
        if (second % 5 === 0)
          for (let number = 1; number <= hostCount; number += 1) if (!silent.has(number)) report(number);
        fleet.tick(now());
        drift.tick(now());
        await Promise.resolve();
      }
    },
    driver: () => drift.matrix().find(({ group }) => group === 'h100')?.cells[0],
    accept: (value: string, facet: FacetName = 'driver') =>
      drift.setBaseline({
        group: 'h100',
        facet,
        value,
        kind: 'accepted',
        since: new Date(now()).toISOString(),
        by: 'user admin',
      }),
  };
}

type World = Awaited<ReturnType<typeof world>>;
const differing = ({ drift }: World) =>
  drift.findings().map(({ hostname, facet, actual }) => `${hostname} ${facet} ${actual}`);

describe('an inferred baseline', () => {
  test('comes when the group has told the same for a while, and needs three hosts', async () => {
    const two = await world(2);
    await two.pass(60);
    expect(two.driver()?.baseline).toBeNull();
    const three = await world(3);
    await three.pass(15);
    expect(three.driver()?.baseline).toBeNull();
    await three.pass(15);
    expect(three.driver()?.baseline).toMatchObject({ value: '580.95.05', kind: 'inferred', by: null });
  });

  test('stays while the whole fleet is upgraded host by host, and over a restart', async () => {
    const before = await world(12);
    await before.pass(30);
    for (let number = 1; number <= 12; number += 1) {
      before.drivers.set(number, '595.71.05');
      await before.pass(30);
      expect(before.driver()).toMatchObject({ agree: 12 - number, differ: number });
      expect(before.driver()?.baseline).toMatchObject({ value: '580.95.05', kind: 'inferred' });
    }
    expect(before.drift.findings().every(({ baseline }) => baseline === 'inferred')).toBe(true);
    await before.drift.close();
    const after = await world(12, before.memory, before.second());
    for (let number = 1; number <= 12; number += 1) after.drivers.set(number, '595.71.05');
    await after.pass(60);
    expect(after.driver()?.baseline).toMatchObject({ value: '580.95.05', kind: 'inferred' });
    expect(after.driver()?.differ).toBe(12);
  });

  test('gives way to a person: accepted, then cleared, it is inferred anew from what is', async () => {
    const fleet = await world(4);
    await fleet.pass(30);
    await fleet.accept('595.71.05');
    expect(differing(fleet)).toHaveLength(4);
    expect(fleet.memory.baselines().filter(({ facet }) => facet === 'driver')).toMatchObject([
      { kind: 'accepted', value: '595.71.05' },
    ]);
    for (let number = 1; number <= 4; number += 1) fleet.drivers.set(number, '610.43.02');
    await fleet.pass(10);
    await fleet.drift.clearBaseline('h100', 'driver');
    expect(fleet.driver()?.baseline).toBeNull();
    expect(differing(fleet)).toEqual([]);
    await fleet.pass(30);
    expect(fleet.driver()?.baseline).toMatchObject({ kind: 'inferred', value: '610.43.02' });
  });
});

describe('findings', () => {
  test('say who changed, from what, since when, once; also after a restart before anyone reports', async () => {
    const before = await world(12);
    await before.pass(30);
    await before.accept('580.95.05');
    const heard: (readonly string[])[] = [];
    before.drift.onChange((hostIds) => heard.push(hostIds));
    before.drivers.set(7, '595.71.05');
    await before.pass(60);
    const since = new Date(t0 + 35_000).toISOString();
    const finding = { hostname: 'gpu-7', actual: '595.71.05', previous: '580.95.05', since };
    expect(before.drift.findings()).toMatchObject([finding]);
    expect(before.drift.findingsOf(idOf(7))).toHaveLength(1);
    expect(heard).toEqual([[idOf(7)]]);
    await before.drift.close();
    const after = await world(12, before.memory, before.second(), [6, 7]);
    expect(after.drift.findings()).toMatchObject([finding]);
    expect(after.drift.host(idOf(7))).toMatchObject({ reporting: false });
    after.drivers.set(7, '595.71.05');
    await after.pass(30);
    expect(after.drift.findings()).toMatchObject([finding]);
    after.drivers.set(7, '580.95.05');
    await after.pass(10);
    expect(after.drift.findings()).toEqual([]);
  });

  test('late and long delayed reports move nothing', async () => {
    const fleet = await world(3);
    await fleet.pass(30);
    await fleet.accept('580.95.05');
    const stack = { ...reportFixture().stack, kernelDriverVersion: '470.1' };
    fleet.report(1, { stack, sequence: 1 });
    await fleet.pass(1);
    expect(differing(fleet)).toEqual([]);
    fleet.silent.add(1);
    await fleet.pass(60);
    fleet.report(1, { stack }, 59);
    fleet.drift.tick(fleet.now());
    expect(differing(fleet)).toEqual([]);
    expect(fleet.drift.host(idOf(1))?.facets.driver.value).toBe('580.95.05');
  });

  test('a host that is gone keeps its values as old, keeps its finding, and gets no new one', async () => {
    const fleet = await world(4);
    fleet.drivers.set(2, '595.71.05');
    await fleet.pass(30);
    await fleet.accept('580.95.05');
    fleet.silent.add(1).add(2);
    await fleet.pass(60);
    expect(fleet.driver()).toMatchObject({ told: 2, agree: 2, differ: 0, silent: 2 });
    const { driver } = fleet.drift.host(idOf(2))?.facets ?? {};
    expect(driver).toMatchObject({ value: '595.71.05', toldAt: new Date(t0 + 30_000).toISOString() });
    expect(differing(fleet)).toEqual(['gpu-2 driver 595.71.05']);
    await fleet.accept('610.43.02');
    expect(differing(fleet)).toEqual(['gpu-3 driver 580.95.05', 'gpu-4 driver 580.95.05']);
  });

  test('a host that moves to another group is judged there at once', async () => {
    const fleet = await world(4);
    await fleet.pass(30);
    await fleet.accept('595.71.05');
    expect(differing(fleet)).toHaveLength(4);
    fleet.groups.set(3, 'lab');
    fleet.report(3);
    fleet.drift.tick(fleet.now());
    expect(differing(fleet)).toHaveLength(3);
    expect(fleet.drift.matrix().map(({ group, hosts }) => [group, hosts])).toEqual([
      ['h100', 3],
      ['lab', 1],
    ]);
  });

  test('a removed host leaves nothing behind', async () => {
    const fleet = await world(3);
    await fleet.pass(30);
    await fleet.accept('595.71.05');
    fleet.silent.add(2);
    fleet.fleet.remove(idOf(2));
    await fleet.pass(2);
    expect(differing(fleet)).toHaveLength(2);
    expect(fleet.memory.values().some(({ hostId }) => hostId === idOf(2))).toBe(false);
  });
});

describe('declared baselines', () => {
  test('win while they are there, and keep since when over a restart', async () => {
    const fleet = await world(3);
    await fleet.pass(30);
    await fleet.accept('580.95.05');
    fleet.declareNow(new Map([['h100', { driver: '595.71.05' }]]));
    await fleet.pass(1);
    expect(fleet.driver()?.baseline).toMatchObject({ kind: 'declared', value: '595.71.05' });
    const since = fleet.driver()?.baseline?.since;
    expect(differing(fleet)).toHaveLength(3);
    await fleet.pass(10);
    fleet.declareNow(new Map([['h100', { driver: '595.71.05', cuda: '13.0' }]]));
    await fleet.pass(1);
    expect(fleet.driver()?.baseline?.since).toBe(since);
    fleet.declareNow(new Map());
    await fleet.pass(1);
    expect(fleet.driver()?.baseline).toMatchObject({ kind: 'accepted', value: '580.95.05' });
    expect(differing(fleet)).toEqual([]);
    expect(fleet.memory.baselines().some(({ kind }) => kind === 'declared')).toBe(false);
  });
});

test('values that could not be written are written later', async () => {
  const fleet = await world(1);
  fleet.memory.failNext();
  await fleet.pass(5);
  await fleet.pass(3);
  await fleet.drift.close();
  expect(fleet.memory.values().filter(({ facet }) => facet === 'driver')).toMatchObject([
    { value: '580.95.05' },
  ]);
});

test('a thousand hosts that report and change nothing cost the tick little', async () => {
  const fleet = await world(1000);
  await fleet.pass(30);
  const revision = fleet.drift.revision();
  for (let number = 1; number <= 1000; number += 1) fleet.report(number);
  const began = performance.now();
  fleet.drift.tick(fleet.now());
  const tookMillis = performance.now() - began;
  expect(fleet.drift.revision()).toBe(revision);
  // The limit only guards against work that grows with the square of the fleet.
  expect(tookMillis).toBeLessThan(500);
});

describe('the timeline', () => {
  const steps = ({ memory }: World) => memory.changes().map(({ facet, from, to }) => [facet, from, to]);
  const software = (value: string | null, missing: 'absent' | 'unknown' | null = null) => ({
    readAt: new Date(t0).toISOString(),
    facts: { containerd: { value, missing, reason: '' } },
  });

  test('has what became what, and not what is told for the first time', async () => {
    const fleet = await world(1);
    await fleet.pass(10);
    expect(steps(fleet)).toEqual([]);
    fleet.drivers.set(1, '595.71.05');
    await fleet.pass(10);
    fleet.drivers.set(1, '580.95.05');
    await fleet.pass(10);
    expect(steps(fleet)).toEqual([
      ['driver', '580.95.05', '595.71.05'],
      ['driver', '595.71.05', '580.95.05'],
    ]);
    expect(await fleet.drift.changes({ limit: 1 })).toHaveLength(2);
  });

  test('has what was taken off a host and came back, each once; what is only not told is no change', async () => {
    const fleet = await world(0);
    const tell = async (...told: Parameters<typeof software>) => {
      fleet.report(1, {}, 0, software(...told));
      await fleet.pass(1);
    };
    await tell(null, 'absent');
    await tell('1.7.28');
    await tell(null, 'unknown');
    await tell('1.7.28');
    await tell(null, 'absent');
    await tell(null, 'absent');
    await tell('1.7.28');
    expect(steps(fleet)).toEqual([
      ['containerd', null, '1.7.28'],
      ['containerd', '1.7.28', null],
      ['containerd', null, '1.7.28'],
    ]);
    expect(fleet.drift.host(idOf(1))?.facets.containerd).toMatchObject({ value: '1.7.28', missing: null });
  });

  test('of a host that is removed is forgotten before it is written', async () => {
    const fleet = await world(1);
    await fleet.pass(10);
    fleet.memory.failNext();
    fleet.drivers.set(1, '595.71.05');
    await fleet.pass(5);
    fleet.fleet.remove(idOf(1));
    await fleet.pass(3);
    expect(steps(fleet)).toEqual([]);
  });
});

test('issues are of the host as it is now: a library that is ahead of the module, until the reboot', async () => {
  const fleet = await world(0);
  const tell = async (module: string, library: string) => {
    fleet.drivers.set(1, module);
    const facts = { library: { value: library, missing: null, reason: '' } };
    fleet.report(1, {}, 0, { readAt: new Date(t0).toISOString(), facts });
    await fleet.pass(1);
    return fleet.drift.issuesOf(idOf(1)).map(({ kind }) => kind);
  };
  const heard: string[] = [];
  fleet.drift.onChange((ids) => heard.push(...ids));
  expect(await tell('580.95.05', '580.95.05')).toEqual([]);
  expect(await tell('580.95.05', '595.71.05')).toEqual(['pending-mismatch']);
  expect(fleet.drift.issues()).toMatchObject([{ hostname: 'gpu-1', facet: 'library', severity: 'critical' }]);
  expect(heard).toEqual([idOf(1)]);
  expect(await tell('595.71.05', '595.71.05')).toEqual([]);
});
