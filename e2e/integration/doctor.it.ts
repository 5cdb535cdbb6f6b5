import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CaptureView, ExplainedError, HostDetail, HostSummary, Page } from '../../lib/model/index.ts';
import { pushFixture, reportFixture } from '../../lib/protocol/push-fixture.ts';
import { gpufleet, recordedHost, startPlayedAgent } from './support/played-agent.ts';
import { mustRun } from './support/programs.ts';
import { enroll, hostId, pushOnce, send } from './support/pusher.ts';
import { Cleanup, eventually, temporaryFolder } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

let hub: TestHub;
let tokens: { viewer: string; operator: string };
let id = '';

beforeAll(async () => {
  hub = await startTestHub(cleanup);
  tokens = { viewer: await hub.apiToken('viewer'), operator: await hub.apiToken('operator') };
  await startPlayedAgent(cleanup, hub, {
    name: 'played',
    control: { recording: recordedHost('rtx3090x2') },
    intervalSeconds: 1,
  });
  await eventually(
    async () => {
      const page = await hub.getJson<Page<HostSummary>>('/api/v1/hosts?q=played=played');
      id = page.items[0]?.id ?? '';
      return id !== '';
    },
    { what: 'the played host', seconds: 30 },
  );
});

const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
const ask = (method: string, path: string, secret: string) =>
  send(`${hub.url}${path}`, { method, headers: bearer(secret) });
const detail = () => hub.getJson<HostDetail>(`/api/v1/hosts/${id}`);

test('the agent says what is wrong with its host, and the metrics with it', async () => {
  await eventually(async () => (await detail()).doctor !== null, { what: 'the diagnosis', seconds: 20 });
  const { doctor } = await detail();
  // The recorded card has persistence mode off; whatever this machine is, that is found.
  expect(doctor?.findings.map(({ code }) => code)).toContain('persistence-off');
  const all = [doctor?.passed, doctor?.notApplicable, doctor?.unknown].flat().length;
  expect(all).toBeGreaterThan(5);
  const scrape = await send(`${hub.url}/metrics`, {
    method: 'GET',
    headers: bearer(await hub.scrapeToken()),
  });
  expect(scrape.body).toMatch(/^gpufleet_doctor_finding\{.*code="persistence-off",severity="warning"\} 1$/m);
});

test('an operator gets a masked capture from the agent, and the audit log says so', async () => {
  const path = `/api/v1/hosts/${id}/capture`;
  expect((await ask('POST', path, tokens.viewer)).status).toBe(403);
  expect(JSON.parse((await ask('POST', path, tokens.operator)).body)).toMatchObject({ state: 'asked' });
  let view: CaptureView | null = null;
  await eventually(
    async () => {
      view = JSON.parse((await ask('GET', path, tokens.operator)).body) as CaptureView;
      return view.state !== 'asked';
    },
    { what: 'the capture', seconds: 60 },
  );
  expect(view).toMatchObject({ state: 'ready', message: null });
  const file = (view as CaptureView | null)?.path ?? '';
  expect((await ask('GET', file, tokens.viewer)).status).toBe(403);
  expect((await send(`${hub.url}${file}`, { method: 'GET' })).status).toBe(401);

  const answer = await fetch(`${hub.url}${file}`, { headers: bearer(tokens.operator) });
  expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="gpufleet-capture-/);
  const archive = Buffer.from(await answer.arrayBuffer());
  const text = gunzipSync(archive).toString('utf8');
  const { gpus } = await detail();
  for (const { uuid } of gpus) expect(text).not.toContain(uuid ?? 'no uuid');
  expect(text).not.toMatch(new RegExp(`\\b${hostname()}\\b`));

  const saved = join(temporaryFolder(cleanup, 'capture'), 'capture.tar.gz');
  writeFileSync(saved, archive);
  const replayed = JSON.parse(await mustRun([...gpufleet, 'replay', saved, '--json'])) as {
    report: { gpus: { name: string }[] };
  };
  expect(replayed.report.gpus.map(({ name }) => name)).toEqual(gpus.map(({ name }) => name));

  const log = await send(`${hub.url}/api/v1/audit?subject=${id}`, {
    method: 'GET',
    headers: bearer(await hub.apiToken('admin')),
  });
  for (const action of ['capture.ask', 'capture.download']) expect(log.body).toContain(action);
});

test('a capture that nobody asked for, of another host, or too large is refused', async () => {
  const credential = await enroll(hub.url, await hub.enrollmentToken(), 'by-hand');
  const post = (captureId: string, body: Buffer, type = 'application/gzip') =>
    send(`${hub.url}/api/v1/captures/${captureId}`, {
      headers: { ...bearer(credential), 'content-type': type },
      body,
    });
  const byHand = hostId('by-hand');
  const push = async () => {
    const at = new Date().toISOString();
    const reports = [reportFixture({ takenAt: at, sequence: Date.now() })];
    const answer = await pushOnce(
      hub.url,
      pushFixture({ host: { id: byHand, hostname: 'by-hand', labels: {} }, sentAt: at, reports }),
      { credential },
    );
    return JSON.parse(answer.body) as { captureId?: string };
  };
  expect((await push()).captureId).toBeUndefined();
  expect((await post('nobody-asked', Buffer.from([0x1f, 0x8b]))).status).toBe(409);
  await ask('POST', `/api/v1/hosts/${byHand}/capture`, tokens.operator);
  const { captureId = '' } = await push();
  expect(captureId).not.toBe('');
  expect((await ask('POST', `/api/v1/captures/${captureId}`, tokens.operator)).status).toBe(403);
  expect((await post(captureId, Buffer.from('no gzip'))).status).toBe(422);
  expect((await post(captureId, Buffer.from('{}'), 'application/json')).status).toBe(415);
  expect((await post(captureId, Buffer.alloc(9 * 1024 * 1024, 0x1f))).status).toBe(413);
  expect((await post(captureId, Buffer.from('the disk is full'), 'text/plain')).status).toBe(204);
  const view = JSON.parse(
    (await ask('GET', `/api/v1/hosts/${byHand}/capture`, tokens.operator)).body,
  ) as CaptureView;
  expect(view).toMatchObject({ state: 'failed', message: expect.stringContaining('the disk is full') });
  expect((await push()).captureId).toBeUndefined();
});

test('an error text leads to its cause, its fix and the hosts that have it', async () => {
  const explain = async (text: string): Promise<readonly ExplainedError[]> =>
    (await hub.getJson<{ items: ExplainedError[] }>(`/api/v1/errors?${new URLSearchParams({ text })}`)).items;
  const { stack, hostname: name } = await detail();
  const [older] = await explain('unsatisfied condition: cuda>=99.0');
  expect(older).toMatchObject({ slug: 'unsatisfied-condition', asked: '99.0' });
  expect(older?.hosts.find((host) => host.id === id)?.why).toContain(`has CUDA ${stack?.cudaVersion}`);
  const [fine] = await explain(`unsatisfied condition: cuda>=${stack?.cudaVersion}`);
  expect(fine?.hosts.map(({ hostname: each }) => each)).not.toContain(name);
  expect((await explain('CUDA error 803'))[0]?.slug).toBe('cuda-803');
  expect(await explain('nothing of the kind')).toEqual([]);
  const xid = await hub.getJson<ExplainedError>('/api/v1/errors/xid-79');
  expect(xid).toMatchObject({ title: expect.stringContaining('Xid 79'), hosts: [] });
  expect((await hub.get('/api/v1/errors/none')).status).toBe(404);
});
