import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type HistoryEntry, historyMetrics } from '../lib/history/history-store.ts';
import { openEngine } from '../lib/history/sqlite/engine.ts';
import { createSqliteHistory } from '../lib/history/sqlite/index.ts';
import { toReading } from '../lib/history/sqlite/reading.ts';
import type { Bench } from './bench.ts';

const retention = { rawSeconds: 7200, minuteSeconds: 30 * 86_400, hourSeconds: 730 * 86_400 };
const gpusPerHost = 8;
const metrics = Object.entries(historyMetrics).filter(([name]) => name.startsWith('gpu_'));
const what = 'one row a GPU and time in a table keyed by both';

/** A report of one host with eight GPUs; its numbers move. */
function report(host: number, sequence: number, takenAtSeconds: number): HistoryEntry {
  const samples = Array.from({ length: gpusPerHost }, (_, gpu) =>
    metrics.map(([metric, { scale }], index) => ({
      metric: metric as keyof typeof historyMetrics,
      gpuUuid: `GPU-${host}-${gpu}`,
      containerId: null,
      value: ((sequence * 7919 + index * 104_729 + gpu * 31) % 10_000) / (scale > 1 ? 10_000 : 1e-6),
    })),
  ).flat();
  return {
    hostId: `host-${host}`,
    epoch: 'e',
    sequence,
    takenAtSeconds,
    receivedAtSeconds: takenAtSeconds,
    samples,
  };
}

/** The plain design: one INSERT a GPU and time. */
function openReference(path: string) {
  const db = new DatabaseSync(path);
  const columns = metrics.map(([name]) => `${name} REAL`).join(', ');
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536;
    CREATE TABLE readings (gpu TEXT, taken INTEGER, ${columns}, PRIMARY KEY (gpu, taken)) WITHOUT ROWID`);
  const insert = db.prepare(
    `INSERT OR IGNORE INTO readings VALUES (?, ?, ${metrics.map(() => '?').join(', ')})`,
  );
  return {
    db,
    append(entries: readonly HistoryEntry[]) {
      db.exec('BEGIN');
      for (const { samples, takenAtSeconds } of entries) {
        for (let at = 0; at < samples.length; at += metrics.length) {
          const ofGpu = samples.slice(at, at + metrics.length);
          insert.run(ofGpu[0]?.gpuUuid ?? '', takenAtSeconds * 1000, ...ofGpu.map(({ value }) => value));
        }
      }
      db.exec('COMMIT');
    },
  };
}

/** A thousand hosts; a round is a minute of theirs, in batches of what arrives within 200 ms, rolled up at its end. */
export const historyAppend: Bench = {
  name: 'history-append',
  unit: 'microseconds per GPU and report, committed and rolled up',
  rounds: 5,
  bar: 2,
  async start() {
    const folder = mkdtempSync(join(tmpdir(), 'gpufleet-bench-'));
    const engine = openEngine({ path: join(folder, 'ours.sqlite'), retention });
    const reference = openReference(join(folder, 'reference.sqlite'));
    const hosts = 1000;
    const batchReports = 40;
    const reportsPerRound = hosts * 12;
    const sent = { ours: 0, reference: 0 };
    const startSeconds = Math.floor(Date.now() / 1000) - 1800;
    const measure = async (side: 'ours' | 'reference', append: (batch: HistoryEntry[]) => void) => {
      let milliseconds = 0;
      for (let done = 0; done < reportsPerRound; done += batchReports) {
        const batch = Array.from({ length: batchReports }, () => {
          const number = sent[side]++;
          const sequence = Math.floor(number / hosts);
          return report(number % hosts, sequence, startSeconds + sequence * 5);
        });
        milliseconds += timed(() => append(batch));
      }
      if (side === 'ours') milliseconds += timed(() => engine.flush());
      return (milliseconds * 1e3) / (reportsPerRound * gpusPerHost);
    };
    return {
      ours: () => measure('ours', (batch) => engine.append(batch.map(toReading), Date.now())),
      reference: { what, run: () => measure('reference', reference.append) },
      async stop() {
        engine.close();
        reference.db.close();
        rmSync(folder, { recursive: true });
      },
    };
  },
};

function timed(work: () => unknown): number {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}

/** 24 h of one GPU of a host of eight, reported every 10 s: about 500 points with mean, min and max. */
export const historyRead: Bench = {
  name: 'history-read',
  unit: 'milliseconds per 24 h of one GPU',
  rounds: 31,
  bar: 1,
  async start() {
    const folder = mkdtempSync(join(tmpdir(), 'gpufleet-bench-'));
    const history = await createSqliteHistory({ path: join(folder, 'ours.sqlite'), retention });
    const reference = openReference(join(folder, 'reference.sqlite'));
    const toSeconds = Math.floor(Date.now() / 1000);
    const fromSeconds = toSeconds - 86_400;
    for (let sequence = 0; sequence < 8640; sequence += 240) {
      const batch = Array.from({ length: 240 }, (_, index) =>
        report(1, sequence + index, fromSeconds + (sequence + index) * 10),
      );
      await history.append(batch);
      reference.append(batch);
    }
    const select = reference.db.prepare(
      `SELECT taken / 180000 AS step, avg(gpu_utilization_ratio), min(gpu_utilization_ratio), max(gpu_utilization_ratio)
       FROM readings WHERE gpu = ? AND taken >= ? AND taken < ? GROUP BY step`,
    );
    const query = { metric: 'gpu_utilization_ratio', fromSeconds, toSeconds, stepSeconds: null } as const;
    const timedRead = async (read: () => Promise<number> | number): Promise<number> => {
      const startedAt = performance.now();
      const points = await read();
      if (points < 480) throw new Error(`only ${points} points came back`);
      return performance.now() - startedAt;
    };
    return {
      ours: () =>
        timedRead(async () => {
          const { series } = await history.queryRange({ ...query, gpuUuids: ['GPU-1-0'], containerId: null });
          return series[0]?.points.length ?? 0;
        }),
      reference: {
        what: `${what}, aggregated by SQL`,
        run: () => timedRead(() => select.all('GPU-1-0', fromSeconds * 1000, toSeconds * 1000).length),
      },
      async stop() {
        await history.close();
        reference.db.close();
        rmSync(folder, { recursive: true });
      },
    };
  },
};
