import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, test } from 'vitest';
import type { HostSummary, Page } from '../../lib/model/index.ts';
import { pushFixture, reportFixture } from '../../lib/protocol/push-fixture.ts';
import { dumpHistory } from './support/history-dump.ts';
import { hostId, pushUntilTaken, send, variedReport } from './support/pusher.ts';
import { Cleanup, freePort, temporaryFolder } from './support/temporary.ts';
import { TestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

const fixtures = new URL('fixtures/first-schema/', import.meta.url).pathname;
const known = JSON.parse(readFileSync(join(fixtures, 'known.json'), 'utf8')) as {
  /** Unix time over 3600 s at which the fixture was made; its readings are of the hour before. */
  readonly hour: number;
  readonly api: string;
  readonly credentials: Readonly<Record<string, string>>;
};
const hostnames = Object.keys(known.credentials);
const sequences = Array.from({ length: 24 }, (_, i) => i + 1);

/** As if the hub of the fixture had been killed this hour, so that nothing is past retention. */
function moveToNow(db: DatabaseSync): void {
  const hours = Math.floor(Date.now() / 3_600_000) - known.hour;
  const millis = hours * 3_600_000;
  db.exec(`
    UPDATE streams SET received_ms = received_ms + ${millis};
    UPDATE segments SET opened_ms = opened_ms + ${millis}, closed_ms = closed_ms + ${millis},
      min_taken_ms = min_taken_ms + ${millis}, max_taken_ms = max_taken_ms + ${millis};
    UPDATE rollups_1m SET bucket = bucket + ${hours * 60};
    UPDATE rollups_1h SET bucket = bucket + ${hours};`);
  const raw = db
    .prepare("SELECT name FROM sqlite_schema WHERE name GLOB 'raw_[0-9]*' AND type = 'table'")
    .all();
  for (const { name } of raw)
    db.exec(`UPDATE ${name} SET taken_ms = taken_ms + ${millis}, received_ms = received_ms + ${millis}`);
}

function make(dataFolder: string, name: string, change: (db: DatabaseSync) => void): string {
  const path = join(dataFolder, `${name}.sqlite`);
  const db = new DatabaseSync(path);
  db.exec(`BEGIN; ${readFileSync(join(fixtures, `${name}.sql`), 'utf8')}`);
  change(db);
  db.exec('COMMIT; PRAGMA journal_mode = WAL');
  db.close();
  return path;
}

/** What is not rolled up yet stands beside what is: counts and sums add up, and the outermost of both is kept. */
function merged(lines: readonly string[]): Record<string, number[]> {
  const all: Record<string, number[]> = {};
  for (const line of lines) {
    const [name = '', numbers = ''] = line.split(': ');
    const [count = 0, sum = 0, min = 0, max = 0] = numbers.split(' ').map(Number);
    const [c = 0, s = 0, low = min, high = max] = all[name] ?? [];
    all[name] = [c + count, s + sum, Math.min(low, min), Math.max(high, max)];
  }
  return all;
}

function historyIn(path: string) {
  const { raw, minutes, hours } = dumpHistory(path);
  return { raw, minutes: merged(minutes), hours: merged(hours) };
}

function rowsOf(path: string, sql: string): unknown[] {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return db.prepare(sql).all();
  } finally {
    db.close();
  }
}

test('databases of the first schema become the newest: the same hosts, people, tokens and history', async () => {
  const dataFolder = join(temporaryFolder(cleanup, 'first'), 'data');
  mkdirSync(dataFolder, { mode: 0o700 });
  const state = make(dataFolder, 'state', () => undefined);
  const history = make(dataFolder, 'history', moveToNow);
  const people = 'SELECT id, name, role, created_at FROM users';
  const before = { people: rowsOf(state, people), history: historyIn(history) };
  expect(before.history.raw).toHaveLength(hostnames.length * sequences.length);
  expect(Object.keys(before.history.minutes).length).toBeGreaterThan(0);

  const hub = new TestHub(cleanup, {}, { port: await freePort(), dataFolder });
  await hub.start();
  const headers = { authorization: `Bearer ${known.api}` };
  const listed = await send(`${hub.url}/api/v1/hosts`, { method: 'GET', headers });
  const { items } = JSON.parse(listed.body) as Page<HostSummary>;
  expect(
    items.map(({ id, hostname }) => ({ id, hostname })).sort((a, b) => a.hostname.localeCompare(b.hostname)),
  ).toEqual(hostnames.map((hostname) => ({ id: hostId(hostname), hostname })));
  expect(
    (await send(`${hub.url}/api/v1/hosts/${hostId(hostnames[0] ?? '')}`, { method: 'GET', headers })).body,
  ).toContain('NVIDIA H100');
  const until = Date.now() / 1000;
  const range = `metric=gpu_power_watts&select=host%3D${hostnames[1]}&from=${until - 3 * 3600}&to=${until}&step=60`;
  const asked = await send(`${hub.url}/api/v1/query_range?${range}`, { method: 'GET', headers });
  expect(JSON.parse(asked.body)).toMatchObject({ series: [{}, {}] });
  for (const [hostname, credential] of Object.entries(known.credentials)) {
    const reports = sequences.map((sequence) =>
      variedReport(reportFixture(), hostname, sequence, new Date()),
    );
    const push = pushFixture({
      host: { id: hostId(hostname), hostname, labels: {} },
      agent: { ...pushFixture().agent, epoch: `epoch-${hostname}` },
      sentAt: new Date().toISOString(),
      reports,
    });
    expect(await pushUntilTaken(hub.url, () => push, { credential })).toMatchObject({
      accepted: 0,
      duplicates: sequences.length,
    });
  }
  expect(await hub.stop()).toBe(0);

  expect(rowsOf(state, people)).toEqual(before.people);
  expect(historyIn(history)).toEqual(before.history);
  for (const path of [state, history]) {
    const changed = rowsOf(path, 'PRAGMA user_version');
    const copy = `${path}.schema-1`;
    // A database that is still of its first schema needs no copy.
    expect(existsSync(copy)).toBe(JSON.stringify(changed) !== '[{"user_version":1}]');
    if (existsSync(copy)) expect(rowsOf(copy, 'PRAGMA user_version')).toMatchObject([{ user_version: 1 }]);
  }
});
