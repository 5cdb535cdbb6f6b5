import { DatabaseSync } from 'node:sqlite';
import { type HistoryEntry, type HistoryMetric, historyMetrics } from '../../history-store.ts';
import { decodeAggregate, readParts } from '../aggregate.ts';
import { storedMetrics } from '../metrics.ts';
import { asBytes } from '../raw-segments.ts';
import { eachNumber } from '../reading.ts';

/** Everything that a history file says, by name and not by internal ids: equal files give equal texts. */
export interface HistoryContents {
  readonly raw: readonly string[];
  readonly minutes: readonly string[];
  readonly hours: readonly string[];
}

/** What the file would hold had each entry come once, in order, without anything going wrong. Naive on purpose. */
export function straightRun(entries: readonly HistoryEntry[]): HistoryContents {
  const once = new Map(entries.map((entry) => [`${entry.hostId} ${entry.epoch} ${entry.sequence}`, entry]));
  const raw: string[] = [];
  const minutes = new Map<string, number[]>();
  const hours = new Map<string, number[]>();
  for (const [identity, entry] of once) {
    const numbers = entry.samples.map(({ gpuUuid, containerId, metric, value }) => {
      const number = Math.round(value * historyMetrics[metric].scale) + 0;
      const owner = `${entry.hostId}/${gpuUuid}/${containerId ?? ''} ${metric}`;
      push(minutes, `${owner} @${Math.floor(entry.takenAtSeconds / 60)}`, number);
      push(hours, `${owner} @${Math.floor(entry.takenAtSeconds / 3600)}`, number);
      return `${owner}=${number}`;
    });
    raw.push(`${identity} @${Math.round(entry.takenAtSeconds * 1000)} ${numbers.sort().join(' ')}`);
  }
  return { raw: raw.sort(), minutes: summarise(minutes), hours: summarise(hours) };
}

function push(into: Map<string, number[]>, key: string, number: number): void {
  const list = into.get(key) ?? [];
  list.push(number);
  into.set(key, list);
}

function summarise(buckets: ReadonlyMap<string, readonly number[]>): readonly string[] {
  return [...buckets]
    .map(([key, list]) => {
      const sum = list.reduce((a, b) => a + b, 0);
      return `${key} ${list.length} ${sum} ${Math.min(...list)} ${Math.max(...list)}`;
    })
    .sort();
}

/** Reads a file that no engine has open. */
export function readContents(path: string): HistoryContents {
  const db = new DatabaseSync(path);
  const all = (sql: string) => db.prepare(sql).all();
  const hosts = new Map(all('SELECT * FROM hosts').map((row) => [row['id'], String(row['host_id'])]));
  const streams = new Map(
    all('SELECT * FROM streams').map((row) => [
      row['id'],
      `${hosts.get(row['host'] ?? null)} ${row['epoch']}`,
    ]),
  );
  const tracks = new Map(
    all('SELECT * FROM tracks').map((row) => [
      Number(row['id']),
      `${hosts.get(row['host'] ?? null)}/${row['gpu_uuid']}/${row['container_id']}`,
    ]),
  );
  const raw = all('SELECT first_id FROM segments').flatMap(({ first_id }) =>
    all(`SELECT * FROM raw_${first_id}`).map((row) => {
      const numbers: string[] = [];
      eachNumber(asBytes(row['data']), (track, metric, number) =>
        numbers.push(`${tracks.get(track)} ${storedMetrics[metric]}=${number}`),
      );
      const identity = `${streams.get(row['stream'] ?? null)} ${row['sequence']}`;
      return `${identity} @${row['taken_ms']} ${numbers.sort().join(' ')}`;
    }),
  );
  const rollups = (table: string): readonly string[] =>
    all(`SELECT * FROM ${table}`)
      .flatMap((row) => {
        const aggregate = decodeAggregate(asBytes(row['data']));
        return storedMetrics.flatMap((metric: HistoryMetric, number) => {
          const parts = readParts(aggregate, number);
          const owner = `${tracks.get(Number(row['track']))} ${metric}`;
          return parts[0] === 0 ? [] : [`${owner} @${row['bucket']} ${parts.join(' ')}`];
        });
      })
      .sort();
  const contents = { raw: raw.sort(), minutes: rollups('rollups_1m'), hours: rollups('rollups_1h') };
  db.close();
  return contents;
}

/** A made-up report whose content follows from its identity alone, as a resent one's does. */
export function madeUpEntry(hostId: string, epoch: string, sequence: number): HistoryEntry {
  const takenAtSeconds = 1_700_000_000 + sequence * 7.5 + hostId.length;
  const gpus = ['GPU-a', 'GPU-b'].map((gpu) => `${gpu}-${hostId}`);
  const samples = gpus.flatMap((gpuUuid, index) => [
    {
      metric: 'gpu_power_watts',
      gpuUuid,
      containerId: null,
      value: 60.123 + ((sequence * 37) % 640),
    } as const,
    { metric: 'gpu_temperature_celsius', gpuUuid, containerId: null, value: (sequence % 90) - 10.5 } as const,
    {
      metric: 'container_gpu_memory_used_bytes',
      gpuUuid,
      containerId: `container-${(sequence + index) % 3}`,
      value: 1e9 + sequence * 1e6,
    } as const,
  ]);
  return { hostId, epoch, sequence, takenAtSeconds, receivedAtSeconds: takenAtSeconds + 1, samples };
}
