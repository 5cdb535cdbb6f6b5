import { DatabaseSync } from 'node:sqlite';
import {
  accountMetrics,
  type HistoryEntry,
  type HistoryOwner,
  type HistorySample,
  historyMetrics,
} from '../../history-store.ts';
import { decodeAggregate, readParts } from '../aggregate.ts';
import { storedMetrics } from '../metrics.ts';
import { decodeDay } from '../owner-days.ts';
import { asBytes } from '../raw-segments.ts';
import { eachNumber } from '../reading.ts';

/** Everything that a history file says, by name and not by internal ids: equal files give equal texts. */
export interface HistoryContents {
  readonly raw: readonly string[];
  readonly minutes: readonly string[];
  readonly hours: readonly string[];
  /** Accounts of owners: sums, then what each minute was. */
  readonly days: readonly string[];
  readonly owners: readonly string[];
}

const scales = { ...historyMetrics, ...accountMetrics };

/** What the file would hold had each entry come once, in order, without anything going wrong. Naive on purpose. */
export function straightRun(entries: readonly HistoryEntry[]): HistoryContents {
  const once = new Map(entries.map((entry) => [`${entry.hostId} ${entry.epoch} ${entry.sequence}`, entry]));
  const raw: string[] = [];
  const minutes = new Map<string, number[]>();
  const hours = new Map<string, number[]>();
  for (const [identity, entry] of once) {
    const numbers = entry.samples.map(({ gpuUuid, containerId, metric, value }) => {
      const number = Math.round(value * scales[metric].scale) + 0;
      const owner = `${entry.hostId}/${gpuUuid}/${containerId ?? ''} ${metric}`;
      if (metric in accountMetrics) return `${owner}=${number}`;
      push(minutes, `${owner} @${Math.floor(entry.takenAtSeconds / 60)}`, number);
      push(hours, `${owner} @${Math.floor(entry.takenAtSeconds / 3600)}`, number);
      return `${owner}=${number}`;
    });
    raw.push(`${identity} @${Math.round(entry.takenAtSeconds * 1000)} ${numbers.sort().join(' ')}`);
  }
  const owners = new Map(
    [...once.values()].flatMap(({ hostId, owners: told = [] }) =>
      told.map((owner) => [`${hostId}/${owner.key}`, `${hostId}/${owner.key} ${JSON.stringify(owner)}`]),
    ),
  );
  return {
    raw: raw.sort(),
    minutes: summarise(minutes),
    hours: summarise(hours),
    days: straightDays([...once.values()]),
    owners: [...owners.values()].sort(),
  };
}

interface StraightDay {
  seconds: number;
  granted: number;
  used: number;
  free: number;
  sm: number;
  freeMemory: number;
  told: number;
  energy: number;
  readonly minutes: Map<number, number | 'work'>;
}

function straightDays(entries: readonly HistoryEntry[]): readonly string[] {
  const days = new Map<string, StraightDay>();
  for (const { hostId, takenAtSeconds, samples } of entries) {
    const byOwner = Map.groupBy(samples, ({ gpuUuid, containerId }) => `${hostId}/${gpuUuid}/${containerId}`);
    for (const [owner, own] of byOwner) {
      const number = (metric: keyof typeof scales): number | null => {
        const found = own.find((sample) => sample.metric === metric);
        return found === undefined ? null : Math.round(found.value * scales[metric].scale);
      };
      const seconds = number('owner_seconds');
      if (seconds === null) continue;
      const key = `${owner} @${Math.floor(takenAtSeconds / 86_400)}`;
      const day = days.get(key) ?? {
        seconds: 0,
        granted: 0,
        used: 0,
        free: 0,
        sm: 0,
        freeMemory: 0,
        told: 0,
        energy: 0,
        minutes: new Map(),
      };
      days.set(key, day);
      const energy = number('owner_energy_joules');
      const sm = number('container_gpu_utilization_ratio');
      const minute = Math.floor((takenAtSeconds % 86_400) / 60);
      day.seconds += seconds;
      day.granted += number('owner_granted_seconds') ?? 0;
      day.energy += energy ?? 0;
      day.told += energy === null ? 0 : seconds;
      if (sm === null) {
        day.minutes.set(minute, 'work');
        continue;
      }
      day.sm += sm * seconds;
      if (sm > 0) {
        day.used += seconds;
        day.minutes.set(minute, 'work');
        continue;
      }
      day.free += seconds;
      day.freeMemory += Math.floor((number('container_gpu_memory_used_bytes') ?? 0) / 2 ** 20) * seconds;
      const before = day.minutes.get(minute) ?? 0;
      if (before !== 'work') day.minutes.set(minute, before + seconds);
    }
  }
  return [...days]
    .map(([key, day]) => {
      const { seconds, granted, used, free, sm, freeMemory, told, energy, minutes } = day;
      const states = [...minutes].sort(([a], [b]) => a - b).map(([minute, state]) => `${minute}:${state}`);
      return [key, seconds, granted, used, free, sm, freeMemory, told, energy, ...states].join(' ');
    })
    .sort();
}

/** A stored day in the same words. */
function dayText(key: string, data: Uint8Array): string {
  const { sums, runs } = decodeDay(data);
  const states: string[] = [];
  for (let at = 0; at < runs.length; at += 3)
    for (let minute = 0; minute < (runs[at + 1] ?? 0); minute++) {
      const state = runs[at + 2] ?? 0;
      states.push(`${(runs[at] ?? 0) + minute}:${state === 1 ? 'work' : state / 2}`);
    }
  return [key, ...Object.values(sums), ...states].join(' ');
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
        return storedMetrics.flatMap((metric, number) => {
          const parts = readParts(aggregate, number);
          const owner = `${tracks.get(Number(row['track']))} ${metric}`;
          return parts[0] === 0 ? [] : [`${owner} @${row['bucket']} ${parts.join(' ')}`];
        });
      })
      .sort();
  const contents = {
    raw: raw.sort(),
    minutes: rollups('rollups_1m'),
    hours: rollups('rollups_1h'),
    days: all('SELECT * FROM owner_days')
      .map((row) => dayText(`${tracks.get(Number(row['track']))} @${row['day']}`, asBytes(row['data'])))
      .sort(),
    owners: all('SELECT * FROM owners')
      .map((row) => `${hosts.get(row['host'] ?? null)}/${row['owner_key']} ${row['data']}`)
      .sort(),
  };
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
    ...madeUpAccount(gpuUuid, `container-${(sequence + index) % 3}`, sequence),
  ]);
  const owners = sequence % 5 === 0 ? [madeUpOwner(`container-${sequence % 3}`, hostId)] : [];
  return { hostId, epoch, sequence, takenAtSeconds, receivedAtSeconds: takenAtSeconds + 1, samples, owners };
}

/** Works in one of seven stretches, tells nothing in another, and is granted the GPU every other time. */
function madeUpAccount(gpuUuid: string, containerId: string, sequence: number): HistorySample[] {
  const stretch = Math.floor(sequence / 20) % 7;
  const owned = { gpuUuid, containerId };
  const sm = stretch === 3 ? null : stretch === 0 ? 0.01 * (sequence % 30) : 0;
  return [
    { ...owned, metric: 'owner_seconds', value: 7.5 },
    ...(sm === null ? [] : [{ ...owned, metric: 'container_gpu_utilization_ratio', value: sm } as const]),
    ...(sequence % 2 === 0 ? [{ ...owned, metric: 'owner_granted_seconds', value: 7.5 } as const] : []),
    ...(sequence % 11 === 0
      ? []
      : [{ ...owned, metric: 'owner_energy_joules', value: 12.345 * (sequence % 9) } as const]),
  ];
}

export const madeUpOwner = (key: string, hostname: string): HistoryOwner => ({
  key,
  runtime: 'docker',
  name: `name of ${key}`,
  image: 'image',
  person: null,
  personFrom: null,
  isInferred: false,
  namespace: null,
  pod: null,
  hostname,
  group: 'g',
  cudaVersion: null,
  startedAt: null,
});
