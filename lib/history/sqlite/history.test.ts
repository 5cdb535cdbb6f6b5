import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createSqliteHistory } from './index.ts';
import { madeUpEntry, readContents, straightRun } from './testing/straight-run.ts';

const retention = { rawSeconds: 1e9, minuteSeconds: 1e9, hourSeconds: 1e9 };
let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gpufleet-history-'));
  path = join(folder, 'history.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const entry = (sequence: number) => madeUpEntry('alpha', 'e', sequence);

describe('the store in its thread', () => {
  test('callers of a moment share a commit and each gets its own outcomes, in order', async () => {
    const history = await createSqliteHistory({ path, retention });
    const outcomes = await Promise.all([
      history.append([entry(1), entry(2)]),
      history.append([]),
      history.append([entry(2), entry(3)]),
    ]);
    expect(outcomes).toEqual([['accepted', 'accepted'], [], ['duplicate', 'accepted']]);
    expect(await history.stats()).toMatchObject({ rawRows: 3, queuedEntries: 0 });
    await history.close();
  });

  test('tells when it last committed, by the clock', async () => {
    const history = await createSqliteHistory({ path, retention, now: () => 1_700_000_000_500 });
    expect((await history.stats()).lastCommitAtSeconds).toBe(null);
    await history.append([entry(1)]);
    expect((await history.stats()).lastCommitAtSeconds).toBe(1_700_000_000.5);
    await history.close();
  });

  test('close commits what is queued; afterwards everything is refused', async () => {
    const history = await createSqliteHistory({ path, retention });
    const waiting = history.append([entry(1)]);
    await Promise.all([history.close(), history.close()]);
    expect(await waiting).toEqual(['accepted']);
    await expect(history.append([entry(2)])).rejects.toMatchObject({ name: 'StoreError', code: 'failed' });
    await expect(history.stats()).rejects.toMatchObject({ name: 'StoreError' });
    expect(readContents(path)).toEqual(straightRun([entry(1)]));
  });

  test('past its bounds it refuses at once, and takes more when the queue is empty', async () => {
    const history = await createSqliteHistory({ path, retention, maxQueuedEntries: 3 });
    const waiting = history.append([entry(1), entry(2)]);
    await expect(history.append([entry(3), entry(4)])).rejects.toMatchObject({ code: 'full' });
    expect((await history.stats()).queuedEntries).toBe(2);
    await waiting;
    expect(await history.append([entry(3), entry(4)])).toEqual(['accepted', 'accepted']);
    await history.close();
  });

  test('an entry without a usable time is refused and leaves the others alone', async () => {
    const history = await createSqliteHistory({ path, retention });
    const good = history.append([entry(1)]);
    const bad = history.append([{ ...entry(2), takenAtSeconds: Number.NaN }]);
    await expect(bad).rejects.toMatchObject({ code: 'failed' });
    expect(await good).toEqual(['accepted']);
    await history.close();
  });

  test('numbers that cannot be kept are left out, the others of the report are kept', async () => {
    const history = await createSqliteHistory({ path, retention });
    const { samples } = entry(1);
    const absurd = [Number.NaN, Number.POSITIVE_INFINITY, 1e300].map((value) => ({
      ...samples[0]!,
      gpuUuid: 'GPU-absurd',
      value,
    }));
    await history.append([{ ...entry(1), samples: [...absurd, ...samples] }]);
    await history.close();
    expect(readContents(path)).toEqual(straightRun([entry(1)]));
  });

  test('a thread that dies rejects what is in flight, is started again, and counts a resent report once', async () => {
    const threads: Worker[] = [];
    const note = (thread: Worker) => threads.push(thread);
    process.on('worker', note);
    const told: string[] = [];
    const history = await createSqliteHistory({ path, retention, log: (line) => told.push(line) });
    await history.append([entry(1)]);
    // Held up by another writer, so that it has the readings and cannot have answered when it dies.
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    const inFlight = history.append([entry(2)]);
    const refused = expect(inFlight).rejects.toMatchObject({ name: 'StoreError', code: 'failed' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await threads[0]?.terminate();
    other.close();
    await refused;
    await vi.waitFor(() => history.stats(), 5000);
    expect(await history.append([entry(1), entry(2)])).toEqual(['duplicate', 'accepted']);
    expect(threads).toHaveLength(2);
    expect(told).toEqual([expect.stringContaining('ended unasked'), expect.stringContaining('open again')]);
    await history.close();
    process.off('worker', note);
    expect(readContents(path)).toEqual(straightRun([entry(1), entry(2)]));
  });

  test('a thread that cannot be brought back is told, everything rejects, and close ends', async () => {
    const threads: Worker[] = [];
    const note = (thread: Worker) => threads.push(thread);
    process.on('worker', note);
    const told: string[] = [];
    const history = await createSqliteHistory({
      path,
      retention,
      log: (line) => told.push(line),
      reopenPauseMilliseconds: 1,
    });
    await history.append([entry(1)]);
    for (const file of [path, `${path}-wal`]) {
      truncateSync(file, 0);
      writeFileSync(file, 'no database '.repeat(100));
    }
    await threads[0]?.terminate();
    await vi.waitFor(() => expect(told.at(-1)).toContain('could not be reopened 5 times'), 9000);
    await expect(history.stats()).rejects.toMatchObject({ name: 'StoreError' });
    await expect(history.append([entry(2)])).rejects.toMatchObject({ name: 'StoreError' });
    await history.close().catch(() => undefined);
    process.off('worker', note);
  });

  test('what cannot be opened rejects with its code', async () => {
    writeFileSync(path, 'no database '.repeat(100));
    await expect(createSqliteHistory({ path, retention })).rejects.toMatchObject({ code: 'corrupt' });
    const other = join(folder, 'other.sqlite');
    const first = await createSqliteHistory({ path: other, retention });
    await expect(createSqliteHistory({ path: other, retention })).rejects.toMatchObject({
      code: 'cannot-open',
    });
    await first.close();
  });
});
