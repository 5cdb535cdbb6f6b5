import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HistoryEntry, HistorySample } from '../../lib/history/history-store.ts';
import { openEngine } from '../../lib/history/sqlite/engine.ts';
import { createSqliteHistory } from '../../lib/history/sqlite/index.ts';
import { toReading } from '../../lib/history/sqlite/reading.ts';
import { readMonth, wasteReport } from '../../lib/waste/index.ts';
import type { Bench } from '../bench.ts';

const retention = { rawSeconds: 7200, minuteSeconds: 3600, hourSeconds: 730 * 86_400 };
const hosts = 25;
const ownersPerHost = 8;
const month = readMonth('2026-10');
const readEverySeconds = 60;

/** Each works and rests in stretches of its own, some of minutes and some of days. */
function samplesOf(host: number, owner: number, atSeconds: number): HistorySample[] {
  const base = { gpuUuid: `GPU-${host}-${owner}`, containerId: `owner-${owner}` };
  const stretchMinutes = [3, 11, 30, 95, 240, 700, 1500, 4000][owner] ?? 60;
  const works = Math.floor(atSeconds / 60 / stretchMinutes + host) % 2 === 0;
  return [
    { ...base, metric: 'container_gpu_memory_used_bytes', value: 2 ** 34 },
    { ...base, metric: 'container_gpu_utilization_ratio', value: works ? 0.7 : 0 },
    { ...base, metric: 'owner_seconds', value: readEverySeconds },
    { ...base, metric: 'owner_granted_seconds', value: readEverySeconds },
    { ...base, metric: 'owner_energy_joules', value: 300 * readEverySeconds },
  ];
}

const entryOf = (host: number, sequence: number, takenAtSeconds: number): HistoryEntry => ({
  hostId: `host-${host}`,
  epoch: 'e',
  sequence,
  takenAtSeconds,
  receivedAtSeconds: takenAtSeconds,
  samples: Array.from({ length: ownersPerHost }, (_, owner) => samplesOf(host, owner, takenAtSeconds)).flat(),
  owners:
    sequence > 1
      ? []
      : Array.from({ length: ownersPerHost }, (_, owner) => ({
          key: `owner-${owner}`,
          runtime: 'docker',
          name: `owner-${owner}`,
          image: `image-${owner % 3}`,
          person: `user-${(host + owner) % 20}`,
          personFrom: 'label',
          isInferred: false,
          namespace: null,
          pod: null,
          hostname: `host-${host}`,
          group: `group-${host % 4}`,
          cudaVersion: null,
          startedAt: null,
        })),
});

/** A month of 200 owners by the minute, as the hub's own store keeps it. */
function fill(path: string, fromSeconds: number, toSeconds: number): void {
  const engine = openEngine({ path, retention });
  let sequence = 0;
  for (let at = fromSeconds; at < toSeconds; at += readEverySeconds) {
    sequence += 1;
    const entries = Array.from({ length: hosts }, (_, host) => entryOf(host, sequence, at));
    engine.append(entries.map(toReading), at * 1000);
    if (sequence % 10 === 0) engine.tick(at * 1000);
  }
  engine.close();
}

/** The report of a month by owner, through the store's thread, as the hub asks for it. */
export const waste: Bench = {
  name: 'waste',
  unit: 'milliseconds per report of a month of 200 owners',
  rounds: 15,
  bar: 1000,
  async start() {
    if (month === null) throw new Error('no month');
    const { fromSeconds, toSeconds } = month;
    const folder = mkdtempSync(join(tmpdir(), 'gpufleet-bench-'));
    const path = join(folder, 'history.sqlite');
    fill(path, fromSeconds, toSeconds);
    const history = await createSqliteHistory({ path, retention, now: () => toSeconds * 1000 });
    const prices = { currency: 'EUR', perGpuHour: 2, perKilowattHour: 0.3 };
    return {
      async ours() {
        const startedAt = performance.now();
        const accounts = await history.ownerUse({ fromSeconds, toSeconds, idleAfterSeconds: 900 });
        const { rows, total } = wasteReport(accounts, { by: 'owner', prices });
        const milliseconds = performance.now() - startedAt;
        const whole = hosts * ownersPerHost * (toSeconds - fromSeconds);
        if (rows.length !== hosts * ownersPerHost || Math.round(total.occupiedSeconds) !== whole)
          throw new Error(`${rows.length} owners with ${total.occupiedSeconds} s came back`);
        return milliseconds;
      },
      reference: null,
      async stop() {
        await history.close();
        rmSync(folder, { recursive: true });
      },
    };
  },
};
