import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../sqlite/open-database.ts';
import type { HistoryEntry, HistorySample, OwnerUse, Retention } from '../history-store.ts';
import { createEngine, type HistoryEngine, openEngine } from './engine.ts';
import { historyMigrations } from './migrations.ts';
import { toReading } from './reading.ts';
import { madeUpOwner } from './testing/straight-run.ts';

const keepAll: Retention = { rawSeconds: 1e9, minuteSeconds: 1e9, hourSeconds: 1e9 };
const day = 86_400;
const november = { fromSeconds: Date.UTC(2026, 10) / 1000, toSeconds: Date.UTC(2026, 11) / 1000 };

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gpufleet-accounts-'));
  path = join(folder, 'history.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Numbers that look random and are the same in every run. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const owners = Array.from({ length: 8 }, (_, index) => ({
  key: `owner-${index}`,
  gpuUuid: `GPU-${index % 3}`,
  /** Minutes that it works, or not, at a stretch. */
  stretchMinutes: [1, 7, 45, 200, 1500, 3000, 20, 90][index] ?? 1,
  tellsShare: index !== 6,
  isGranted: index % 2 === 0,
}));

function samplesOf(owner: (typeof owners)[number], atSeconds: number, random: () => number): HistorySample[] {
  const works = Math.floor(atSeconds / 60 / owner.stretchMinutes) % 2 === 0 && random() < 0.8;
  const base = { gpuUuid: owner.gpuUuid, containerId: owner.key };
  const seconds = random() < 0.1 ? 1 : 30;
  return [
    { ...base, metric: 'owner_seconds', value: seconds },
    { ...base, metric: 'container_gpu_memory_used_bytes', value: 2 ** 30 * (1 + (atSeconds % 7)) },
    ...(owner.isGranted ? [{ ...base, metric: 'owner_granted_seconds', value: seconds } as const] : []),
    ...(owner.tellsShare
      ? [
          {
            ...base,
            metric: 'container_gpu_utilization_ratio',
            value: works ? Math.round(random() * 99 + 1) / 100 : 0,
          } as const,
        ]
      : []),
    ...(owner.gpuUuid === 'GPU-2'
      ? []
      : [{ ...base, metric: 'owner_energy_joules', value: Math.round(random() * 1e6) / 1000 } as const]),
  ];
}

/** A reading every half minute around both ends of the month, some lost, one owner gone half way. */
function readings(): HistoryEntry[] {
  const random = createRandom(7);
  const entries: HistoryEntry[] = [];
  const spans = [
    [november.fromSeconds - day, november.fromSeconds + 2 * day],
    [november.toSeconds - day, november.toSeconds + day],
  ] as const;
  let sequence = 0;
  for (const [from, to] of spans)
    for (let at = from; at < to; at += 30) {
      if (random() < 0.02) continue;
      const there = owners.filter(({ key }) => key !== 'owner-3' || at < november.fromSeconds + day);
      const samples = there.flatMap((owner) => samplesOf(owner, at, random));
      sequence += 1;
      const time = { takenAtSeconds: at + 0.25, receivedAtSeconds: at + 1 };
      entries.push({ hostId: 'host', epoch: 'e', sequence, ...time, samples });
    }
  return entries;
}

type Account = Omit<OwnerUse, 'hostId' | 'owner'>;

/** The same from the raw readings, by looking at each of them and at each minute. Naive on purpose. */
function accountsByHand(entries: readonly HistoryEntry[], idleAfterSeconds: number): Account[] {
  return owners.map(({ key, gpuUuid }): Account => {
    const sums = { seconds: 0, granted: 0, used: 0, free: 0, sm: 0, freeBytes: 0, joules: 0, told: false };
    const minutes = new Map<number, { worked: boolean; idleInside: number }>();
    for (const { takenAtSeconds, samples } of entries) {
      const own = samples.filter((sample) => sample.containerId === key);
      const of = (metric: string) => own.find((sample) => sample.metric === metric)?.value ?? null;
      const [seconds, sm, memory] = [
        of('owner_seconds'),
        of('container_gpu_utilization_ratio'),
        of('container_gpu_memory_used_bytes'),
      ];
      if (seconds === null) continue;
      const inside = takenAtSeconds >= november.fromSeconds && takenAtSeconds < november.toSeconds;
      const minute = minutes.get(Math.floor(takenAtSeconds / 60)) ?? { worked: false, idleInside: 0 };
      minutes.set(Math.floor(takenAtSeconds / 60), minute);
      if (sm !== 0) minute.worked = true;
      else if (inside) minute.idleInside += seconds;
      if (!inside) continue;
      sums.seconds += seconds;
      sums.granted += of('owner_granted_seconds') ?? 0;
      sums.told ||= of('owner_energy_joules') !== null;
      sums.joules += of('owner_energy_joules') ?? 0;
      if (sm !== null && sm > 0) sums.used += seconds;
      if (sm === 0) {
        sums.free += seconds;
        sums.freeBytes += Math.floor((memory ?? 0) / 2 ** 20) * 2 ** 20 * seconds;
      }
      sums.sm += (sm ?? 0) * seconds;
    }
    return {
      key,
      gpuUuid,
      seconds: sums.seconds,
      grantedSeconds: sums.granted,
      usedSeconds: sums.used,
      workFreeSeconds: sums.free,
      idleSeconds: idleByHand(minutes, idleAfterSeconds / 60),
      smSeconds: sums.sm,
      workFreeByteSeconds: sums.freeBytes,
      energyJoules: sums.told ? sums.joules : null,
    };
  });
}

function idleByHand(
  minutes: ReadonlyMap<number, { worked: boolean; idleInside: number }>,
  least: number,
): number {
  const isIdle = (minute: number) => minutes.get(minute)?.worked === false;
  let total = 0;
  for (const minute of minutes.keys()) {
    if (!isIdle(minute) || isIdle(minute - 1)) continue;
    let end = minute;
    let seconds = 0;
    for (; isIdle(end); end++) seconds += minutes.get(end)?.idleInside ?? 0;
    if (end - minute >= least) total += seconds;
  }
  return total;
}

const rounded = (accounts: readonly (Account | OwnerUse)[]) =>
  accounts
    .map(({ key, gpuUuid, energyJoules, ...numbers }) => {
      const { hostId, owner, ...own } = { hostId: '', owner: null, ...numbers };
      const milli = Object.entries(own).map(([name, value]) => [name, Math.round(value * 1e6) / 1e6]);
      const energy = energyJoules === null ? null : Math.round(energyJoules * 1000) / 1000;
      return { key, gpuUuid, energy, ...Object.fromEntries(milli) };
    })
    .sort((a, b) => (a.key < b.key ? -1 : 1));

function openMortal(): { engine: HistoryEngine; crash(): void } {
  const opened = openDatabase({ path, kind: 'gpfh', migrations: historyMigrations, role: 'own' });
  return { engine: createEngine(opened, { path, retention: keepAll }), crash: () => opened.close() };
}

describe('accounts of owners', () => {
  test('are what the raw readings add up to, whatever the order, flushed or not, over a crash', () => {
    const entries = readings();
    const random = createRandom(3);
    const shuffled = entries
      .map((entry) => ({ entry, at: random() }))
      .sort((a, b) => a.at - b.at)
      .map(({ entry }) => entry);
    const third = Math.ceil(shuffled.length / 3);
    const now = november.toSeconds * 1000;
    const first = openMortal();
    first.engine.append(shuffled.slice(0, third).map(toReading), now);
    first.engine.flush();
    first.engine.append(shuffled.slice(third, 2 * third).map(toReading), now);
    first.crash();
    const { engine } = openMortal();
    engine.append(shuffled.slice(2 * third).map(toReading), now);
    for (const minutes of [1, 15, 60, 1440]) {
      const query = { ...november, idleAfterSeconds: minutes * 60 };
      const byHand = rounded(accountsByHand(entries, query.idleAfterSeconds));
      expect(rounded(engine.ownerUse(query))).toEqual(byHand);
    }
    const idle = (minutes: number) =>
      engine.ownerUse({ ...november, idleAfterSeconds: minutes * 60 }).map(({ idleSeconds }) => idleSeconds);
    expect(idle(1440).some((seconds) => seconds > 0)).toBe(true);
    expect(idle(1).reduce((a, b) => a + b)).toBeGreaterThan(idle(60).reduce((a, b) => a + b));
    engine.close();
  });

  test('are asked for by whole days and minutes', () => {
    const engine = openEngine({ path, retention: keepAll });
    const ask = (change: object) => () => engine.ownerUse({ ...november, idleAfterSeconds: 60, ...change });
    expect(ask({ fromSeconds: november.fromSeconds + 1 })).toThrow('whole days');
    expect(ask({ toSeconds: november.fromSeconds })).toThrow('whole days');
    expect(ask({ idleAfterSeconds: 90 })).toThrow('whole minutes');
    expect(ask({ idleAfterSeconds: 2 * day })).toThrow('at most a day');
    engine.close();
  });
});

describe('who they belong to', () => {
  const at = november.fromSeconds + 10;
  const entry = (sequence: number, told: HistoryEntry['owners'], takenAtSeconds = at): HistoryEntry => ({
    hostId: 'host',
    epoch: 'e',
    sequence,
    takenAtSeconds,
    receivedAtSeconds: takenAtSeconds,
    samples: [{ metric: 'owner_seconds', gpuUuid: 'GPU-1', containerId: 'c', value: 5 }],
    ...(told === undefined ? {} : { owners: told }),
  });

  test('is what was told last, and stays after it ended and after a restart', () => {
    const first = openEngine({ path, retention: keepAll });
    const renamed = { ...madeUpOwner('c', 'alpha'), name: 'renamed' };
    first.append([entry(1, [madeUpOwner('c', 'alpha')]), entry(2, undefined)].map(toReading), at * 1000);
    first.append([entry(3, [renamed])].map(toReading), at * 1000);
    expect(first.findOwner('host', 'other')).toBe(null);
    expect(first.findOwner('other', 'c')).toBe(null);
    first.close();
    const second = openEngine({ path, retention: keepAll });
    const hour = Math.floor(at / 3600) * 3600;
    expect(second.findOwner('host', 'c')).toEqual({
      hostId: 'host',
      key: 'c',
      owner: renamed,
      gpus: [{ gpuUuid: 'GPU-1', fromSeconds: hour, toSeconds: hour + 3600 }],
    });
    expect(second.ownerUse({ ...november, idleAfterSeconds: 60 })).toMatchObject([
      { hostId: 'host', owner: renamed, seconds: 15, usedSeconds: 0, workFreeSeconds: 0, energyJoules: null },
    ]);
    second.close();
  });

  test('goes with the last of its numbers', () => {
    const retention = { rawSeconds: 600, minuteSeconds: 3600, hourSeconds: 86_400 };
    const engine = openEngine({ path, retention });
    engine.append([entry(1, [madeUpOwner('c', 'alpha')])].map(toReading), at * 1000);
    for (let hours = 0; hours < 60; hours++) engine.tick((at + hours * 3600) * 1000);
    expect(engine.findOwner('host', 'c')).toBe(null);
    expect(engine.ownerUse({ ...november, idleAfterSeconds: 60 })).toEqual([]);
    engine.append([entry(2, undefined, at + 61 * 3600)].map(toReading), (at + 61 * 3600) * 1000);
    expect(engine.findOwner('host', 'c')).toMatchObject({ owner: null });
    engine.close();
  });
});
