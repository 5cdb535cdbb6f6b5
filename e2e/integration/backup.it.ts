import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, test } from 'vitest';
import type { HostSummary, Page } from '../../lib/model/index.ts';
import { pushFixture, reportFixture } from '../../lib/protocol/push-fixture.ts';
import { dumpHistory } from './support/history-dump.ts';
import { gpufleet } from './support/played-agent.ts';
import { mustRun, runProgram } from './support/programs.ts';
import { enroll, hostId, pushUntilTaken, send, variedReport } from './support/pusher.ts';
import { Cleanup, freePort, sleep, temporaryFolder } from './support/temporary.ts';
import { startTestHub, TestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

const hostnames = Array.from({ length: 8 }, (_, i) => `kept-${i}`);
/** Minutes back, so that nothing depends on when a hub saw it. */
const firstTakenAt = Date.now() - 3_600_000;

const pushOf = (hostname: string, sequences: readonly number[]) =>
  pushFixture({
    host: { id: hostId(hostname), hostname, labels: { rack: hostname.slice(-1) } },
    agent: { ...pushFixture().agent, epoch: `epoch-of-${hostname}` },
    sentAt: new Date().toISOString(),
    reports: sequences.map((sequence) =>
      variedReport(reportFixture(), hostname, sequence, new Date(firstTakenAt + sequence * 1000)),
    ),
  });

/** Some tens of pushes a second, each with a handshake of its own, until it is stopped. */
function startLoad(hubUrl: string, credentials: ReadonlyMap<string, string>) {
  const acknowledged = new Map(hostnames.map((hostname) => [hostname, 0]));
  let isOn = true;
  const feeding = hostnames.map(async (hostname) => {
    const credential = credentials.get(hostname) ?? '';
    for (let sequence = 1; isOn; sequence += 1) {
      await pushUntilTaken(hubUrl, () => pushOf(hostname, [sequence]), { credential, gzip: true });
      acknowledged.set(hostname, sequence);
      await sleep(0.1);
    }
  });
  cleanup.add(() => {
    isOn = false;
  });
  return {
    acknowledged: () => new Map(acknowledged),
    async stop() {
      isOn = false;
      await Promise.all(feeding);
      return new Map(acknowledged);
    },
  };
}

/** Everything of the state that a person made. */
function people(dataFolder: string): Record<string, unknown[]> {
  const db = new DatabaseSync(join(dataFolder, 'state.sqlite'), { readOnly: true });
  try {
    const tables = ['users', 'sessions', 'api_tokens', 'enrollment_tokens', 'login_links', 'audit'];
    const hosts = 'SELECT id, credential_hash, enrolled_at, hub_labels FROM hosts ORDER BY id';
    return {
      hosts: db.prepare(hosts).all(),
      ...Object.fromEntries(tables.map((name) => [name, db.prepare(`SELECT * FROM ${name}`).all()])),
    };
  } finally {
    db.close();
  }
}

async function startHubOn(dataFolder: string, tlsAuto: boolean): Promise<TestHub> {
  const hub = new TestHub(cleanup, { tlsAuto }, { port: await freePort(), dataFolder });
  await hub.start();
  return hub;
}

test('backed up under load and restored in a fresh folder: the same fleet, history, users and authority', async () => {
  const hub = await startTestHub(cleanup, { tlsAuto: true });
  const token = await hub.enrollmentToken();
  const api = await hub.apiToken('admin');
  await hub.loginLink();
  const credentials = new Map<string, string>();
  for (const hostname of hostnames) credentials.set(hostname, await enroll(hub.url, token, hostname));
  const load = startLoad(hub.url, credentials);
  while (Math.min(...load.acknowledged().values()) < 10) await sleep(0.05);

  const archive = join(temporaryFolder(cleanup, 'backup'), 'hub.tar.gz');
  const before = load.acknowledged();
  const said = await hub.command('backup', archive);
  const after = await load.stop();
  expect(said).toContain(`${archive} (1 MiB) holds ${hub.dataFolder}`);
  expect(statSync(archive).mode & 0o777).toBe(0o600);
  // A file that a hub keeps and this does not name would be missing from its backup.
  const derived = /^(cache\b|(state|history)\.sqlite(-wal|-shm|\.lock|\.schema-\d+)$|tls$)/;
  const { files } = JSON.parse(await mustRun(['tar', '-xzOf', archive, 'gpufleet-backup.json'])) as {
    files: { path: string }[];
  };
  const kept = readdirSync(hub.dataFolder, { recursive: true, encoding: 'utf8' });
  expect(kept.filter((path) => !derived.test(path)).sort()).toEqual(files.map(({ path }) => path).sort());
  // The load went on while it was taken.
  expect(
    Math.min(...hostnames.map((name) => (after.get(name) ?? 0) - (before.get(name) ?? 0))),
  ).toBeGreaterThan(0);
  await hub.stop();

  const fresh = join(temporaryFolder(cleanup, 'restored'), 'data');
  await mustRun([...gpufleet, 'hub', 'restore', archive, '--data', fresh]);
  expect(people(fresh)).toEqual(people(hub.dataFolder));
  for (const name of ['ca.pem', 'ca-key.pem', 'server-key.pem'])
    expect(readFileSync(join(fresh, 'tls', name))).toEqual(readFileSync(join(hub.dataFolder, 'tls', name)));

  const restored = await startHubOn(fresh, true);
  const headers = { authorization: `Bearer ${api}` };
  const listed = await send(`${restored.url}/api/v1/hosts`, { method: 'GET', headers });
  const { items } = JSON.parse(listed.body) as Page<HostSummary>;
  expect(items.map(({ id }) => id).sort()).toEqual(hostnames.map((name) => hostId(name)).sort());
  // Agents send again, with the credentials that they have, whatever they are not sure of.
  for (const hostname of hostnames) {
    const credential = credentials.get(hostname) ?? '';
    const acknowledged = before.get(hostname) ?? 0;
    const sendAgain = async (from: number, to: number) => {
      const sequences = Array.from({ length: to - from }, (_, i) => from + i);
      return pushUntilTaken(restored.url, () => pushOf(hostname, sequences), { credential });
    };
    const old = await sendAgain(1, acknowledged + 1);
    expect(old).toMatchObject({ accepted: 0, duplicates: acknowledged });
    const last = after.get(hostname) ?? 0;
    const all = await sendAgain(acknowledged + 1, last + 1);
    expect(all.accepted + all.duplicates).toBe(last - acknowledged);
  }
  await restored.stop();
  const [was, is] = [hub.dataFolder, fresh].map((folder) => dumpHistory(join(folder, 'history.sqlite')));
  expect(is).toEqual(was);
  expect(was?.raw).toHaveLength([...after.values()].reduce((sum, count) => sum + count, 0));
});

test('the commands refuse in one line with exit code 2', async () => {
  const hub = await startTestHub(cleanup);
  const folder = temporaryFolder(cleanup, 'backup');
  const archive = join(folder, 'hub.tar');
  await hub.command('backup', archive);
  const run = (...words: string[]) => runProgram([...gpufleet, 'hub', ...words], { cwd: folder });
  const data = ['--data', hub.dataFolder];
  for (const [words, said] of [
    [['backup', archive, ...data], 'is there already'],
    [['backup', ...data], 'give one FILE'],
    [['backup', archive, '--colour', ...data], 'colour'],
    [['backup', 'b.tar', '--data', join(folder, 'unused')], 'no hub has used'],
    [['restore', archive, ...data], 'is not empty'],
    [['restore', archive, '--force', ...data], 'in use by another gpufleet hub'],
    [['restore', 'nothing.tar', '--data', join(folder, 'fresh')], 'there is no'],
  ] as const) {
    const { code, stdout, stderr } = await run(...words);
    expect({ words, code, stdout, lines: stderr.trim().split('\n') }).toEqual({
      words,
      code: 2,
      stdout: '',
      lines: [expect.stringContaining(said)],
    });
  }
  expect((await hub.get('/readyz')).status).toBe(200);
});

test('through a pipe, as out of a container, and of a hub that was killed', async () => {
  const hub = await startTestHub(cleanup);
  await enroll(hub.url, await hub.enrollmentToken(), 'last');
  await hub.kill();
  const folder = temporaryFolder(cleanup, 'piped');
  const [node, command] = gpufleet;
  await mustRun([
    'sh',
    '-c',
    `"$1" "$2" hub backup - --data "$3" | "$1" "$2" hub restore - --data "$4"`,
    'sh',
    node,
    command,
    hub.dataFolder,
    join(folder, 'data'),
  ]);
  const restored = await startHubOn(join(folder, 'data'), false);
  expect((await restored.getJson<Page<HostSummary>>('/api/v1/hosts')).items).toMatchObject([
    { hostname: 'last' },
  ]);
});
