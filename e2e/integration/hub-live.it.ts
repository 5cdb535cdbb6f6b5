import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { restRoutes } from '../../lib/hub/rest/routes.ts';
import type { GpuDetail, HostDetail, HostSummary, Page, PushAnswer, Report } from '../../lib/model/index.ts';
import { gpuFixture, pushFixture, reportFixture } from '../../lib/protocol/push-fixture.ts';
import { openEventStream } from './support/event-stream.ts';
import { patience } from './support/patience.ts';
import { enroll, hostId, pushOnce, send } from './support/pusher.ts';
import { Cleanup, eventually, sleep } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

let hub: TestHub;
let token: string;
const credentials = new Map<string, string>();
let sequence = 0;

beforeAll(async () => {
  hub = await startTestHub(cleanup);
  token = await hub.enrollmentToken();
});

const auth = async () => ({ authorization: `Bearer ${await viewer()}` });
let viewerToken: Promise<string> | null = null;
const viewer = () => {
  viewerToken ??= hub.apiToken('viewer');
  return viewerToken;
};

async function report(name: string, changes: Partial<Report> = {}): Promise<PushAnswer> {
  if (!credentials.has(name)) credentials.set(name, await enroll(hub.url, token, name));
  sequence += 1;
  const at = new Date().toISOString();
  const gpu = (index: number) => ({ ...gpuFixture(index), uuid: `GPU-${name}-${index}`, sampledAt: at });
  const push = pushFixture({
    host: { id: hostId(name), hostname: name, labels: {} },
    sentAt: at,
    reports: [reportFixture({ takenAt: at, sequence, gpus: [gpu(0), gpu(1)], ...changes })],
  });
  const answer = await pushOnce(hub.url, push, { credential: credentials.get(name) ?? '' });
  expect(answer.status, answer.body).toBe(202);
  return JSON.parse(answer.body) as PushAnswer;
}

const summaryOf = async (name: string): Promise<HostSummary | undefined> =>
  (await hub.getJson<Page<HostSummary>>('/api/v1/hosts?limit=1000')).items.find(
    (host) => host.hostname === name,
  );

const streamOf = async (topics: string, headers: Record<string, string> = {}) =>
  openEventStream(cleanup, `${hub.url}/api/v1/stream?topics=${topics}`, { ...(await auth()), ...headers });

describe('the live fleet', () => {
  test('pages through hosts, GPUs and containers with filters', async () => {
    for (const name of ['page-10', 'page-9', 'page-1']) await report(name);
    const first = await hub.getJson<Page<HostSummary>>('/api/v1/hosts?q=page-&limit=2');
    expect(first.items.map((host) => host.hostname)).toEqual(['page-1', 'page-9']);
    expect(first.total).toBe(3);
    const second = await hub.getJson<Page<HostSummary>>(
      `/api/v1/hosts?q=page-&limit=2&cursor=${first.nextCursor}`,
    );
    expect(second).toMatchObject({ items: [{ hostname: 'page-10' }], nextCursor: null, total: 3 });
    const gpus = await hub.getJson<Page<GpuDetail>>('/api/v1/gpus?q=page-9+h100');
    expect(gpus.items.map((gpu) => [gpu.hostname, gpu.index])).toEqual([
      ['page-9', 0],
      ['page-9', 1],
    ]);
    expect(await hub.getJson(`/api/v1/gpus/${gpus.items[0]?.uuid}`)).toMatchObject({
      index: 0,
      current: true,
    });
    expect(await hub.getJson('/api/v1/hosts?group=none')).toMatchObject({ items: [], total: 0 });
  });

  test.each([
    ['/api/v1/hosts?limit=0', 400],
    ['/api/v1/hosts?limit=many', 400],
    ['/api/v1/hosts?cursor=!!!', 400],
    ['/api/v1/hosts?colour=red', 400],
    ['/api/v1/hosts?q=a&q=b', 400],
    ['/api/v1/hosts/nobody-here', 404],
    ['/api/v1/hosts/%ff', 400],
    ['/api/v1/gpus/GPU-none', 404],
    ['/api/v1/query_range', 400],
    ['/api/v1/query_range?metric=love&select=host%3Dpage-1&from=1&to=2', 400],
    ['/api/v1/query_range?metric=gpu_power_watts&select=host%3Dpage-1&from=9&to=2', 400],
    ['/api/v1/query_range?metric=gpu_power_watts&select=host&from=1&to=2', 400],
    ['/api/v1/query_range?metric=gpu_power_watts&select=host%3Dpage-1&from=1&to=90000000&step=1', 400],
    ['/api/v1/stream', 400],
    ['/api/v1/stream?topics=fleet,host/../x', 400],
    ['/api/v1/none', 404],
  ])('%s is %i with a problem document', async (path, status) => {
    const answer = await hub.get(path);
    expect({ status: answer.status, type: answer.headers['content-type'] }, answer.body).toEqual({
      status,
      type: 'application/problem+json',
    });
  });

  test('a silent host is gone after three intervals, and its GPU series with it', async () => {
    await report('silent', { intervalSeconds: 1 });
    expect(await hub.getText('/metrics')).toContain('uuid="GPU-silent-0"');
    const gone = await eventually(
      async () => {
        const host = await summaryOf('silent');
        return host?.state === 'gone' && host;
      },
      { seconds: 6 },
    );
    expect(gone).toMatchObject({ current: false, gpus: [{ powerWatts: null }, { powerWatts: null }] });
    const metrics = await hub.getText('/metrics');
    expect(metrics).not.toContain('uuid="GPU-silent-0"');
    expect(metrics).toMatch(/gpufleet_host_up\{host="silent"\} 0/);
  });

  test('the document describes every route that answers', async () => {
    const { paths } = await hub.getJson<{ paths: Record<string, object> }>('/api/v1/openapi.json');
    const ofHub = ['/api/v1/enroll', '/api/v1/push', '/api/v1/stream'];
    const all = new Set([...ofHub, ...restRoutes.map((route) => route.path)]);
    expect(Object.keys(paths).sort()).toEqual([...all].sort());
  });
});

describe('the stream', () => {
  test('gives a snapshot, then a delta soon after a report, of all its topics', async () => {
    await report('streamed');
    const stream = await streamOf(`fleet,host/${hostId('streamed')}`);
    expect(stream.status).toBe(200);
    await stream.next((event) => event.frame.topic === 'fleet' && event.event === 'snapshot');
    await stream.next((event) => event.frame.topic.startsWith('host/') && event.event === 'snapshot');
    const started = performance.now();
    const from = stream.events.length;
    const gpu = {
      ...gpuFixture(0),
      uuid: 'GPU-streamed-0',
      temperature: { ...gpuFixture(0).temperature, gpuCelsius: 77 },
    };
    await report('streamed', { gpus: [gpu] });
    const delta = await stream.next((event) => event.frame.topic === 'fleet' && event.event === 'delta', {
      from,
    });
    // Far sooner than the next report; how soon is the fleet bench's matter.
    expect(performance.now() - started).toBeLessThan(4000 * patience);
    // Another host of this file may be in the same one.
    const hosts = 'hosts' in delta.frame ? delta.frame.hosts : [];
    expect(delta.frame).toMatchObject({ removed: [] });
    expect(hosts.find(({ hostname }) => hostname === 'streamed')).toMatchObject({
      gpus: [{ temperatureCelsius: 77 }],
    });
    const host = await stream.next(
      (event) => event.frame.topic.startsWith('host/') && event.event === 'delta',
      { from },
    );
    expect((host.frame as { host: HostDetail }).host.gpus[0]?.temperature.gpuCelsius).toBe(77);
  });

  test('resumes where it was left, and starts anew for an id of another hub', async () => {
    await report('resumed');
    const first = await streamOf('fleet');
    await report('resumed');
    const seen = await first.next((event) => event.event === 'delta');
    first.close();
    await report('resumed');
    await sleep(0.5);
    const again = await streamOf('fleet', { 'last-event-id': seen.id });
    const missed = await again.next(() => true);
    expect(missed.event).toBe('delta');
    expect(missed.id).not.toBe(seen.id);
    const [epoch, number] = seen.id.split('-');
    const anew = await streamOf('fleet', { 'last-event-id': `not${epoch}-${number}` });
    expect((await anew.next(() => true)).event).toBe('snapshot');
  });

  test('who watches a host makes its agent report each second', async () => {
    expect((await report('watched')).intervalSeconds).toBe(5);
    const stream = await streamOf(`host/${hostId('watched')}`);
    await stream.next(() => true);
    expect((await report('watched')).intervalSeconds).toBe(1);
    stream.close();
    await eventually(async () => (await report('watched')).intervalSeconds === 5);
  });

  test('ends when the session ends', async () => {
    const path = new URL(await hub.loginLink()).pathname;
    const signedIn = await send(`${hub.url}${path}`, { headers: { origin: hub.url } });
    const cookie = String(signedIn.headers['set-cookie']).split(';')[0] ?? '';
    const stream = await openEventStream(cleanup, `${hub.url}/api/v1/stream?topics=fleet`, { cookie });
    await stream.next(() => true);
    await send(`${hub.url}/logout`, { headers: { cookie, origin: hub.url } });
    await Promise.race([stream.ended, sleep(3).then(() => Promise.reject(new Error('still open')))]);
  });
});

describe('a restart', () => {
  test('keeps what is known, shows it as old, and goes on with the next report', async () => {
    await report('kept');
    expect(await hub.stop()).toBe(0);
    await hub.start();
    expect(await summaryOf('kept')).toMatchObject({
      state: 'late',
      current: false,
      gpus: [{ powerWatts: null }, {}],
    });
    await report('kept');
    expect(await summaryOf('kept')).toMatchObject({
      state: 'ok',
      current: true,
      gpus: [{ powerWatts: 300 }, {}],
    });
  });

  test('does not bring back a host that was gone', async () => {
    await report('left', { intervalSeconds: 1 });
    await eventually(async () => (await summaryOf('left'))?.state === 'gone', { seconds: 6 });
    expect(await hub.stop()).toBe(0);
    await hub.start();
    expect(await summaryOf('left')).toMatchObject({ state: 'gone', current: false });
    expect(await hub.getText('/metrics')).toMatch(/gpufleet_host_up\{host="left"\} 0/);
    await report('left');
    expect(await hub.getText('/metrics')).toMatch(/gpufleet_host_up\{host="left"\} 1/);
  });
});
