import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../sqlite/open-database.ts';
import type { HistoryEntry, HistoryMetric, HistoryQuery, Retention } from '../history-store.ts';
import { addNumber, createAggregate, encodeAggregate } from './aggregate.ts';
import { createEngine, type HistoryEngine, openEngine } from './engine.ts';
import { metricNumber } from './metrics.ts';
import { historyMigrations } from './migrations.ts';
import { toReading } from './reading.ts';
import { madeUpEntry, readContents, straightRun } from './testing/straight-run.ts';

const retention: Retention = { rawSeconds: 7200, minuteSeconds: 30 * 86_400, hourSeconds: 730 * 86_400 };
const keepAll: Retention = { rawSeconds: 1e9, minuteSeconds: 1e9, hourSeconds: 1e9 };
const start = 1_700_000_000_000;

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gpufleet-history-'));
  path = join(folder, 'history.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** An engine that can die without closing: what it had not committed is gone, as after a SIGKILL. */
function openMortal(file: string, kept: Retention): { engine: HistoryEngine; crash(): void } {
  const opened = openDatabase({ path: file, kind: 'gpfh', migrations: historyMigrations, role: 'own' });
  return { engine: createEngine(opened, { path: file, retention: kept }), crash: () => opened.close() };
}

function power(sequence: number, takenAtSeconds: number, value: number): HistoryEntry {
  const samples = [{ metric: 'gpu_power_watts', gpuUuid: 'GPU-1', containerId: null, value } as const];
  return { hostId: 'host', epoch: 'e', sequence, takenAtSeconds, receivedAtSeconds: takenAtSeconds, samples };
}

function ask(fromSeconds: number, toSeconds: number, stepSeconds: number | null): HistoryQuery {
  const metric: HistoryMetric = 'gpu_power_watts';
  return { metric, fromSeconds, toSeconds, stepSeconds, gpuUuids: ['GPU-1'], containerId: null };
}

const append = (engine: HistoryEngine, entries: readonly HistoryEntry[], now = start) =>
  engine.append(entries.map(toReading), now);

describe('identity', () => {
  test('a report counts once: within a batch, later, after a restart and after a crash', () => {
    const first = openMortal(path, retention);
    const entry = power(7, start / 1000, 100);
    expect(append(first.engine, [entry, entry])).toEqual(['accepted', 'duplicate']);
    expect(append(first.engine, [entry])).toEqual(['duplicate']);
    first.crash();
    const second = openEngine({ path, retention });
    expect(append(second, [entry, power(8, start / 1000, 1)])).toEqual(['duplicate', 'accepted']);
    second.close();
    const third = openEngine({ path, retention });
    expect(append(third, [entry, power(8, start / 1000, 1)])).toEqual(['duplicate', 'duplicate']);
    third.close();
  });

  test('a whole spool of late reports is taken though newer ones left a gap for each', () => {
    const engine = openEngine({ path, retention });
    const reports = Array.from({ length: 24_000 }, (_, index) => ({ ...power(index, 0, 1), samples: [] }));
    append(
      engine,
      reports.filter(({ sequence }) => sequence % 2 === 1),
    );
    const late = append(
      engine,
      reports.filter(({ sequence }) => sequence % 2 === 0),
    );
    expect(new Set(late)).toEqual(new Set(['accepted']));
    expect(engine.stats().forgottenGaps).toBe(0);
    engine.close();
  });

  test('another epoch or host with the same sequence is another report', () => {
    const engine = openEngine({ path, retention });
    const entry = power(7, start / 1000, 100);
    expect(append(engine, [entry, { ...entry, epoch: 'f' }, { ...entry, hostId: 'other' }])).toEqual([
      'accepted',
      'accepted',
      'accepted',
    ]);
    engine.close();
  });
});

const operations = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('append' as const),
        reports: fc.array(
          fc.record({
            host: fc.constantFrom('alpha', 'beta2'),
            epoch: fc.constantFrom('e1', 'e2'),
            sequence: fc.integer({ min: 0, max: 60 }),
          }),
          { maxLength: 12 },
        ),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('crash' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('flush' as const) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('wait' as const),
        // The short ones flush some of the shards.
        seconds: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 2000 })),
      }),
    },
  ),
  { maxLength: 25 },
);

type Step = typeof operations extends fc.Arbitrary<(infer T)[]> ? T : never;

describe('any order of reports, duplicates, flushes, waits and crashes', () => {
  const run = (steps: readonly Step[], kept: Retention) => {
    const file = join(mkdtempSync(join(folder, 'run-')), 'history.sqlite');
    let mortal = openMortal(file, kept);
    let now = start;
    const sent: HistoryEntry[] = [];
    for (const step of steps) {
      if (step.kind === 'append') {
        const entries = step.reports.map(({ host, epoch, sequence }) => madeUpEntry(host, epoch, sequence));
        sent.push(...entries);
        append(mortal.engine, entries, now);
      } else if (step.kind === 'flush') {
        mortal.engine.flush();
      } else if (step.kind === 'wait') {
        now += step.seconds * 1000;
        mortal.engine.tick(now);
      } else {
        mortal.crash();
        mortal = openMortal(file, kept);
      }
    }
    mortal.engine.close();
    return { found: readContents(file), expected: straightRun(sent) };
  };
  test('gives the raw rows and rollups of a straight run', () => {
    fc.assert(
      fc.property(operations, (steps) => {
        const { found, expected } = run(steps, keepAll);
        expect(found).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  test('gives its rollups also when raw rows are dropped on the way', () => {
    fc.assert(
      fc.property(operations, (steps) => {
        const { found, expected } = run(steps, { ...keepAll, rawSeconds: 60 });
        expect(found.minutes).toEqual(expected.minutes);
        expect(found.hours).toEqual(expected.hours);
      }),
      { numRuns: 40 },
    );
  });
});

describe('rollups', () => {
  test('a late reading amends a bucket that was closed long ago', () => {
    const engine = openEngine({ path, retention });
    const minute = start / 1000 - 7 * 86_400;
    append(engine, [power(1, minute, 100)]);
    engine.flush();
    append(engine, [power(2, minute + 30, 40)]);
    const before = engine.query(ask(minute, minute + 59, 60), start);
    engine.flush();
    const after = engine.query(ask(minute, minute + 59, 60), start);
    expect(after).toEqual(before);
    expect(after.resolution).toBe('1m');
    expect(after.series.flatMap(({ points }) => points).map(([, ...parts]) => parts)).toEqual([
      [70, 40, 100],
    ]);
    engine.close();
  });

  test('sums of the largest numbers stay exact for an hour of one a second', () => {
    const engine = openEngine({ path, retention });
    const hour = Math.floor(start / 3_600_000) * 3600;
    const entries = Array.from({ length: 3600 }, (_, index) => power(index, hour + index, 2 ** 31 + 0.001));
    append(engine, entries);
    const { series } = engine.query(ask(hour, hour + 3599, 3600), start);
    expect(series[0]?.points).toEqual([[hour, 2 ** 31 + 0.001, 2 ** 31 + 0.001, 2 ** 31 + 0.001]]);
    engine.close();
  });
});

describe('queries', () => {
  test('gaps are left out and points carry mean, min and max', () => {
    const engine = openEngine({ path, retention });
    const from = start / 1000;
    append(engine, [power(1, from, 10), power(2, from + 1, 30), power(3, from + 40, 5)]);
    const { series, resolution } = engine.query(ask(from, from + 60, 10), start + 60_000);
    expect(resolution).toBe('raw');
    expect(series[0]?.points).toEqual([
      [from, 20, 10, 30],
      [from + 40, 5, 5, 5],
    ]);
    engine.close();
  });

  test('one minute equals raw, whether flushed or not', () => {
    const engine = openEngine({ path, retention });
    const from = Math.floor(start / 60_000) * 60;
    append(
      engine,
      Array.from({ length: 100 }, (_, i) => power(i, from + i * 3.3, (i * 13) % 50)),
    );
    const raw = engine.query(ask(from, from + 400, 59.999), start);
    expect(raw.resolution).toBe('raw');
    const fresh = engine.query(ask(from, from + 400, 60), start);
    engine.flush();
    expect(engine.query(ask(from, from + 400, 60), start)).toEqual(fresh);
    const counts = fresh.series[0]?.points.length;
    expect(counts).toBe(6);
    engine.close();
  });

  test('the span, the retention and the step choose the store', () => {
    const engine = openEngine({ path, retention });
    const now = start / 1000;
    const chosen = (from: number, step: number | null) => {
      const { resolution, stepSeconds } = engine.query(ask(now - from, now, step), start);
      return [resolution, stepSeconds];
    };
    expect(chosen(3600, null)).toEqual(['raw', 10]);
    expect(chosen(3 * 3600, null)).toEqual(['1m', 60]);
    expect(chosen(86_400, null)).toEqual(['1m', 180]);
    expect(chosen(30 * 86_400, null)).toEqual(['1h', 7200]);
    expect(chosen(60 * 86_400, 60)).toEqual(['1h', 3600]);
    expect(() => chosen(-10, null)).toThrow('ends before it begins');
    engine.close();
  });

  test('a container metric without a container gives a series for each', () => {
    const engine = openEngine({ path, retention });
    append(engine, [madeUpEntry('alpha', 'e', 1), madeUpEntry('alpha', 'e', 2)]);
    const at = 1_700_000_000;
    const query = { ...ask(at, at + 60, 60), metric: 'container_gpu_memory_used_bytes' as const };
    const all = engine.query({ ...query, gpuUuids: ['GPU-a-alpha'] }, start);
    expect(all.series.map(({ labels }) => labels)).toEqual([
      { uuid: 'GPU-a-alpha', container_id: 'container-1' },
      { uuid: 'GPU-a-alpha', container_id: 'container-2' },
    ]);
    const one = engine.query({ ...query, gpuUuids: ['GPU-a-alpha'], containerId: 'container-2' }, start);
    expect(one.series).toHaveLength(1);
    engine.close();
  });
});

describe('containers that come and go', () => {
  const day = 86_400;
  const job = (sequence: number, containerId: string, takenAtSeconds: number): HistoryEntry => {
    const metric = 'container_gpu_memory_used_bytes';
    const samples = [{ metric, gpuUuid: 'GPU-1', containerId, value: 1 } as const];
    return { ...power(sequence, takenAtSeconds, 1), samples };
  };
  const jobsOfDays = { ...ask(0, 0, null), metric: 'container_gpu_memory_used_bytes' as const };

  test('any number of past ones costs a query only what ran in its range', () => {
    const engine = openEngine({ path, retention, maxRowsRead: 10_080 });
    const now = start / 1000;
    const past = Array.from({ length: 300 }, (_, index) => job(index, `past-${index}`, now - 20 * day));
    append(engine, [...past, job(1000, 'now', now - 6 * day), job(1001, 'now', now - 10)]);
    for (const isFlushed of [false, true]) {
      if (isFlushed) engine.flush();
      const { series, resolution } = engine.query(
        { ...jobsOfDays, fromSeconds: now - 7 * day, toSeconds: now },
        start,
      );
      expect(resolution).toBe('1m');
      expect(series.map(({ labels }) => labels['container_id'])).toEqual(['now']);
      const then = { ...jobsOfDays, fromSeconds: now - 21 * day, toSeconds: now - 19 * day };
      expect(engine.query(then, start).series).toHaveLength(300);
    }
    engine.close();
  });

  test('200 GPUs over a week at a step of the store come from hours; a question too large by far is refused', () => {
    const engine = openEngine({ path, retention });
    const now = start / 1000;
    const gpuUuids = Array.from({ length: 200 }, (_, index) => `GPU-${index}`);
    const report = (sequence: number, takenAtSeconds: number): HistoryEntry => ({
      ...power(sequence, takenAtSeconds, 5),
      samples: gpuUuids.map((gpuUuid) => ({
        metric: 'gpu_power_watts',
        gpuUuid,
        containerId: null,
        value: 5,
      })),
    });
    append(engine, [report(1, now - 7 * day), report(2, now - 3 * day), report(3, now)]);
    engine.flush();
    const week = { ...ask(now - 7 * day, now, null), gpuUuids };
    const { series, resolution, stepSeconds } = engine.query(week, start);
    expect([resolution, stepSeconds, series.length]).toEqual(['1h', 3600, 200]);
    expect(new Set(series.map(({ points }) => points.length))).toEqual(new Set([3]));
    expect(engine.query({ ...week, stepSeconds: 60 }, start).resolution).toBe('1m');
    engine.close();
    const narrow = openEngine({ path, retention, maxRowsRead: 500 });
    expect(() => narrow.query({ ...week, stepSeconds: 60 }, start)).toThrow(
      expect.objectContaining({ code: 'too-large' }),
    );
    narrow.close();
  });

  test('only those seen lately are in memory, and those past retention leave the disk in slices', () => {
    const opened = openDatabase({ path, kind: 'gpfh', migrations: historyMigrations, role: 'own' });
    const engine = createEngine(opened, { path, retention });
    const count = (table: string) =>
      Number(opened.db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n']);
    const jobs = Array.from({ length: 2500 }, (_, index) => job(index, `job-${index}`, start / 1000));
    append(engine, jobs);
    engine.tick(start);
    expect(engine.stats().tracksInMemory).toBe(2500);
    for (const hours of [1, 2, 3]) engine.tick(start + hours * 3_600_000);
    expect(engine.stats().tracksInMemory).toBe(0);
    expect(append(engine, [job(9000, 'job-7', start / 1000 + 9)])).toEqual(['accepted']);
    expect([engine.stats().tracksInMemory, count('tracks')]).toEqual([1, 2500]);
    const afterMinutes = start + 31 * day * 1000;
    engine.tick(afterMinutes);
    expect(count('rollups_1m')).toBe(1300);
    for (const minute of [1, 2, 3]) engine.tick(afterMinutes + minute * 61_000);
    expect([count('rollups_1m'), count('rollups_1h'), count('tracks')]).toEqual([0, 2500, 2500]);
    // Late by a month, and its minutes were swept: they go once more.
    append(engine, [job(9001, 'job-8', start / 1000 + 20)], afterMinutes);
    for (const minute of [4, 5]) engine.tick(afterMinutes + minute * 61_000);
    expect([count('rollups_1m'), count('rollups_1h')]).toEqual([0, 2500]);
    for (const minute of [0, 1, 2, 3]) engine.tick(start + 731 * day * 1000 + minute * 61_000);
    expect([count('rollups_1h'), count('tracks')]).toEqual([0, 0]);
    engine.close();
  });

  test('a shard is flushed every five seconds, and each once a minute', () => {
    const opened = openDatabase({ path, kind: 'gpfh', migrations: historyMigrations, role: 'own' });
    const engine = createEngine(opened, { path, retention });
    engine.tick(start);
    append(
      engine,
      Array.from({ length: 120 }, (_, index) => job(index, `job-${index}`, start / 1000)),
    );
    const flushed = () => Number(opened.db.prepare('SELECT count(*) AS n FROM rollups_1m').get()?.['n']);
    const counts = Array.from({ length: 12 }, (_, turn) => {
      engine.tick(start + (turn + 1) * 5000);
      return flushed();
    });
    expect(counts).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120]);
    engine.close();
  });

  test('tracks written before their hours were kept are found, and swept when they are due', () => {
    const old = openDatabase({ path, kind: 'gpfh', migrations: historyMigrations.slice(0, 1), role: 'own' });
    const aggregate = createAggregate();
    addNumber(aggregate, metricNumber('gpu_power_watts'), 7000);
    old.db.exec("INSERT INTO hosts VALUES (1, 'host'); INSERT INTO tracks VALUES (1, 1, 'GPU-1', '')");
    for (const [table, seconds] of [
      ['rollups_1m', 60],
      ['rollups_1h', 3600],
    ] as const)
      old.db
        .prepare(`INSERT INTO ${table} VALUES (1, ?, ?)`)
        .run(Math.floor(start / 1000 / seconds), encodeAggregate(aggregate));
    old.close();
    const engine = openEngine({ path, retention });
    append(engine, [power(1, start / 1000 + 5, 9)]);
    const { series } = engine.query(ask(start / 1000 - 600, start / 1000 + 60, 60), start + 7 * day * 1000);
    expect(series.flatMap(({ points }) => points).map(([, ...parts]) => parts)).toEqual([[8, 7, 9]]);
    for (const minute of [0, 1]) engine.tick(start + 40 * day * 1000 + minute * 61_000);
    engine.close();
    expect(readContents(path)).toMatchObject({
      minutes: [],
      hours: [expect.stringContaining('host/GPU-1/')],
    });
  });
});

describe('retention and disk', () => {
  test('raw tables are dropped whole, rollups expire, empty tracks go', () => {
    const short: Retention = { rawSeconds: 600, minuteSeconds: 3600, hourSeconds: 7200 };
    const engine = openEngine({ path, retention: short });
    append(engine, [power(1, start / 1000, 10)], start);
    engine.tick(start);
    engine.tick(start + 61_000);
    expect(engine.stats().rawRows).toBe(1);
    engine.tick(start + 1_300_000);
    expect(engine.stats().rawRows).toBe(0);
    engine.tick(start + 4 * 3_600_000);
    engine.close();
    expect(readContents(path)).toEqual({ raw: [], minutes: [], hours: [], days: [], owners: [] });
  });

  test('a full disk refuses the batch whole, and goes on when there is room again', () => {
    const opened = openDatabase({ path, kind: 'gpfh', migrations: historyMigrations, role: 'own' });
    const engine = createEngine(opened, { path, retention });
    append(engine, [power(1, start / 1000, 1)]);
    const pages = Number(opened.db.prepare('PRAGMA page_count').get()?.['page_count']);
    opened.db.exec(`PRAGMA max_page_count = ${pages}`);
    const many = Array.from({ length: 2000 }, (_, index) => madeUpEntry(`host-${index % 50}`, 'e', index));
    expect(() => append(engine, many)).toThrow(expect.objectContaining({ code: 'full' }));
    opened.db.exec('PRAGMA max_page_count = 1000000');
    expect(new Set(append(engine, many))).toEqual(new Set(['accepted']));
    engine.close();
    expect(readContents(path)).toEqual(straightRun([power(1, start / 1000, 1), ...many]));
  });
});
