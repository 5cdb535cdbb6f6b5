import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import type { Push, PushAnswer, Report } from '../../../lib/model/index.ts';
import { pushFixture } from '../../../lib/protocol/push-fixture.ts';
import { readPush } from '../../../lib/protocol/read-push.ts';
import { createMemorySpool } from '../spool/index.ts';
import { pushBody } from './body.ts';
import {
  type CredentialStore,
  createCredentialFile,
  createCredentialMemory,
  createCredentials,
} from './credential.ts';
import { createHubClient } from './hub-client.ts';
import { createPushSink, type PushSink } from './sink.ts';

type Answer = { status: number; body?: unknown; headers?: Record<string, string> } | 'silence';
interface Seen {
  readonly path: string;
  readonly bearer: string;
  readonly push: Push | null;
  readonly body: unknown;
}

const opened: { server: Server; sinks: PushSink[] }[] = [];
afterEach(async () => {
  for (const { server, sinks } of opened.splice(0)) {
    for (const sink of sinks) sink.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

const accepted = (reports: number, more: Partial<PushAnswer> = {}): Answer => ({
  status: 202,
  body: {
    accepted: reports,
    duplicates: 0,
    intervalSeconds: 5,
    serverTime: new Date().toISOString(),
    backlogReports: 10,
    ...more,
  },
});

/** A hub of our own making that answers as told and keeps what it saw. */
async function playHub(
  answerTo: (seen: Seen, count: number) => Answer,
): Promise<{ url: string; seen: Seen[]; server: Server }> {
  const seen: Seen[] = [];
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks);
    const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
    const read = request.url === '/api/v1/push' ? readPush(text) : null;
    if (read !== null && read.outcome !== 'read')
      throw new Error(`a push that no hub would read: ${read.detail}`);
    const one: Seen = {
      path: request.url ?? '',
      bearer: request.headers.authorization ?? '',
      push: read?.outcome === 'read' ? read.value : null,
      body: JSON.parse(text.toString()),
    };
    seen.push(one);
    const answer = answerTo(one, seen.length);
    if (answer === 'silence') return;
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
    response.end(JSON.stringify(answer.body ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push({ server, sinks: [] });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, server };
}

const credential = `gfa_${'c'.repeat(43)}`;
const enrolment = `gfe_${'e'.repeat(43)}`;

interface Made {
  readonly sink: PushSink;
  readonly spool: ReturnType<typeof createMemorySpool>;
  readonly logged: string[];
  readonly answers: PushAnswer[];
  offer(count?: number): number[];
}

function makeSink(
  url: string,
  token = credential,
  deadlineSeconds = 1,
  store: CredentialStore = createCredentialMemory(),
): Made {
  const spool = createMemorySpool(1_000_000);
  const logged: string[] = [];
  const answers: PushAnswer[] = [];
  const host = { id: '3f0e4a52-5c39-4f0d-9a55-0a4f7c7f6b11', hostname: 'node1', labels: {} };
  const client = createHubClient(url, { kind: 'system' }, deadlineSeconds);
  const sink = createPushSink({
    courier: {
      client,
      credentials: createCredentials({ client, host, store, readToken: () => token }),
      compose: (reports) =>
        pushBody(
          {
            host,
            agent: pushFixture().agent,
            sentAt: new Date().toISOString(),
            nowSeconds: 100,
            raw: null,
            software: null,
          },
          reports,
        ),
      onTry: () => {},
    },
    spool,
    log: (line) => logged.push(line),
    onAnswer: (answer) => answers.push(answer),
    onTrouble: () => {},
    random: () => 1,
    backOffSeconds: { first: 0.02, longest: 0.1 },
  });
  opened.at(-1)?.sinks.push(sink);
  const [example] = pushFixture().reports;
  const offer = (count = 1): number[] =>
    Array.from({ length: count }, () => {
      const { ageSeconds: _age, ...report } = { ...(example as Report), sequence: spool.takeSequence() };
      sink.offer({ sequence: report.sequence, json: JSON.stringify(report), takenSeconds: 98.5 });
      return report.sequence;
    });
  return { sink, spool, logged, answers, offer };
}

const problem = (status: number, more: Record<string, unknown> = {}): Answer => ({
  status,
  body: { type: 'urn:gpufleet:problem:x', title: 'No', status, detail: 'too bad', ...more },
  headers: { 'content-type': 'application/problem+json' },
});
/** What something in between says, which is not the hub's word. */
const errorPage = (status: number): Answer => ({
  status,
  body: '<html>no</html>',
  headers: { 'content-type': 'text/html' },
});

const sequencesOf = (seen: readonly Seen[]): number[][] =>
  seen.flatMap(({ push }) => (push === null ? [] : [push.reports.map((report) => report.sequence)]));

describe('push', () => {
  test('sends a report at once, with its age and the bearer', async () => {
    const hub = await playHub(() => accepted(1));
    const { offer, answers, spool } = makeSink(hub.url);
    offer();
    await expect.poll(() => answers.length).toBe(1);
    expect(hub.seen[0]).toMatchObject({ path: '/api/v1/push', bearer: `Bearer ${credential}` });
    expect(hub.seen[0]?.push?.reports[0]).toMatchObject({ sequence: 1, ageSeconds: 1.5 });
    expect(spool.stats.reports).toBe(0);
  });

  test('after an outage sends the newest first, then what the hub allows of the backlog, and each once', async () => {
    let down = true;
    const hub = await playHub((seen) => (down ? { status: 503 } : accepted(seen.push?.reports.length ?? 0)));
    const { offer, spool } = makeSink(hub.url);
    offer(25);
    await expect.poll(() => hub.seen.length).toBeGreaterThan(2);
    expect(spool.stats.reports).toBe(25);
    down = false;
    hub.seen.length = 0;
    await expect.poll(() => spool.stats.reports, { timeout: 3000 }).toBe(0);
    const sent = sequencesOf(hub.seen);
    expect(sent[0]).toEqual([25]);
    expect(sent[1]).toEqual([24, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(sent.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
  });

  test('waits as long as Retry-After says', async () => {
    const hub = await playHub((_seen, count) =>
      count === 1 ? { status: 503, headers: { 'retry-after': '1' } } : accepted(1),
    );
    const { offer, answers } = makeSink(hub.url);
    const startedAt = performance.now();
    offer();
    await expect.poll(() => answers.length, { timeout: 3000 }).toBe(1);
    expect(performance.now() - startedAt).toBeGreaterThan(990);
    expect(hub.seen).toHaveLength(2);
  });

  test('keeps the report while the hub is dead, silent, or answers nonsense, and says so once', async () => {
    const hub = await playHub((_seen, count) => (count < 3 ? 'silence' : { status: 200, body: 'hello' }));
    const { offer, spool, logged } = makeSink(hub.url, credential, 0.05);
    offer();
    await expect.poll(() => hub.seen.length).toBeGreaterThan(2);
    expect(spool.stats.reports).toBe(1);
    expect(logged[0]).toContain('no answer within');
    const nowhere = makeSink('http://127.0.0.1:1');
    nowhere.offer();
    await expect.poll(() => nowhere.logged[0] ?? '').toContain('ECONNREFUSED');
    nowhere.sink.stop();
    expect(nowhere.spool.stats.reports).toBe(1);
  });

  test.each([400, 413, 422])(
    'status %i: the bad report alone is dropped and counted, the others arrive',
    async (status) => {
      let down = true;
      const hub = await playHub(({ push }) => {
        if (down) return { status: 503 };
        const bad = push?.reports.some((report) => report.sequence === 3) ?? false;
        return bad ? problem(status) : accepted(push?.reports.length ?? 0);
      });
      const { offer, spool, logged } = makeSink(hub.url);
      offer(6);
      await expect.poll(() => hub.seen.length).toBeGreaterThan(1);
      down = false;
      hub.seen.length = 0;
      await expect.poll(() => spool.stats.reports, { timeout: 3000 }).toBe(0);
      expect(spool.stats.droppedReports).toBe(1);
      expect(logged.join('\n')).toContain('too bad');
      const alone = sequencesOf(hub.seen).filter((sent) => sent.length === 1 && sent[0] === 3);
      expect(alone).toHaveLength(1);
    },
  );

  test.each([400, 413, 422])('status %i of something in between destroys nothing', async (status) => {
    let isBetween = false;
    const hub = await playHub(({ push }) =>
      isBetween ? errorPage(status) : accepted(push?.reports.length ?? 0),
    );
    const { offer, spool, logged, answers } = makeSink(hub.url);
    offer();
    await expect.poll(() => answers.length).toBe(1);
    isBetween = true;
    offer(12);
    await expect.poll(() => logged.join(' ')).toContain(`${status}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(hub.seen.length).toBeLessThan(4);
    expect(spool.stats).toMatchObject({ reports: 12, droppedReports: 0 });
  });

  test('a large batch that a proxy refuses goes report by report', async () => {
    let down = true;
    const hub = await playHub(({ push }) => {
      if (down) return { status: 503 };
      const count = push?.reports.length ?? 0;
      return count > 1 ? errorPage(413) : accepted(count);
    });
    const { offer, spool } = makeSink(hub.url);
    offer(8);
    await expect.poll(() => hub.seen.length).toBeGreaterThan(1);
    down = false;
    await expect.poll(() => spool.stats.reports, { timeout: 3000 }).toBe(0);
    expect(spool.stats.droppedReports).toBe(0);
  });

  test('a hub that refuses the host or the protocol costs no report', async () => {
    const errors = [{ pointer: '/protocol', detail: 'Protocol 1 is not spoken here.' }];
    const hub = await playHub(() => problem(422, { errors }));
    const { offer, spool, logged } = makeSink(hub.url);
    offer(3);
    await expect.poll(() => logged.join(' ')).toContain('/protocol');
    expect(spool.stats).toMatchObject({ reports: 3, droppedReports: 0 });
  });

  test('409: says the way out and keeps the report', async () => {
    const detail = 'This host id belongs to another credential. Remove the host in the hub.';
    const hub = await playHub(() => ({ status: 409, body: { title: 'Conflict', detail } }));
    const { offer, logged, spool } = makeSink(hub.url);
    offer();
    await expect.poll(() => logged.length).toBe(1);
    expect(logged[0]).toContain(detail);
    expect(spool.stats.reports).toBe(1);
    expect(hub.seen).toHaveLength(1);
  });

  test('a redirect is not followed with the credential', async () => {
    const hub = await playHub(() => ({ status: 302, headers: { location: 'http://127.0.0.1:1/' } }));
    const { offer, logged } = makeSink(hub.url);
    offer();
    await expect.poll(() => logged[0] ?? '').toContain('302');
    expect(hub.seen).toHaveLength(1);
  });

  test('flush tells whether the hub has it', async () => {
    const hub = await playHub(() => accepted(1));
    const reachable = makeSink(hub.url);
    reachable.offer();
    expect(await reachable.sink.flush()).toBe(true);
    const away = makeSink('http://127.0.0.1:1');
    away.offer();
    expect(await away.sink.flush()).toBe(false);
  });
});

describe('enrolment', () => {
  test('exchanges the token for a credential once, and again when the hub forgot it', async () => {
    let valid = '';
    let given = 0;
    const hub = await playHub((seen) => {
      if (seen.path === '/api/v1/enroll') {
        if (seen.bearer !== `Bearer ${enrolment}`) return problem(401);
        given += 1;
        valid = `gfa_${String(given).repeat(43)}`;
        return { status: 201, body: { hostId: 'x', credential: valid } };
      }
      return seen.bearer === `Bearer ${valid}` ? accepted(1) : problem(401);
    });
    const { offer, answers } = makeSink(hub.url, enrolment);
    offer();
    await expect.poll(() => answers.length).toBe(1);
    expect(hub.seen[0]?.body).toEqual({
      host: { id: '3f0e4a52-5c39-4f0d-9a55-0a4f7c7f6b11', hostname: 'node1', labels: {} },
    });
    offer();
    await expect.poll(() => answers.length).toBe(2);
    expect(given).toBe(1);
    valid = 'forgotten';
    offer();
    await expect.poll(() => answers.length).toBe(3);
    expect(given).toBe(2);
  });

  test('a token that expired is said plainly, and asked with seldom', async () => {
    const hub = await playHub(() => problem(401));
    const { offer, logged, spool } = makeSink(hub.url, enrolment);
    offer();
    await expect.poll(() => logged[0] ?? '').toContain('expired');
    offer(3);
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(hub.seen).toHaveLength(1);
    expect(spool.stats.reports).toBe(3);
  });

  test.each([
    ['the hub', problem(401), 1],
    ['something in between', errorPage(401), 0],
  ])('a 401 of %s never costs the credential', async (_name, refusal, enrolments) => {
    const folder = mkdtempSync(join(tmpdir(), 'gpufleet-credential-'));
    const hub = await playHub(() => refusal);
    const store = createCredentialFile(folder, hub.url);
    store.write(credential);
    const { offer, logged, spool } = makeSink(hub.url, enrolment, 1, store);
    offer();
    await expect.poll(() => logged.join(' ')).toContain('401');
    expect(store.read()).toBe(credential);
    expect(spool.stats.reports).toBe(1);
    expect(hub.seen.filter((seen) => seen.path === '/api/v1/enroll')).toHaveLength(enrolments);
    rmSync(folder, { recursive: true });
  });
});
