import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HostDetail, HostRaw, HostSummary, Page, PushAnswer } from '../../lib/model/index.ts';
import { gpuFixture, pushFixture, reportFixture } from '../../lib/protocol/push-fixture.ts';
import { openEventStream } from './support/event-stream.ts';
import { recordedHost, startPlayedAgent } from './support/played-agent.ts';
import { mustRun } from './support/programs.ts';
import { enroll, hostId, pushOnce } from './support/pusher.ts';
import { Cleanup, eventually } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

let hub: TestHub;
let authorization: string;

beforeAll(async () => {
  hub = await startTestHub(cleanup);
  authorization = `Bearer ${await hub.apiToken('viewer')}`;
});

const rawOf = (id: string) => hub.getJson<HostRaw>(`/api/v1/hosts/${id}/raw`);

/** Watches a host as its page does, until told to stop. */
async function watch(id: string): Promise<() => void> {
  const viewer = new Cleanup();
  cleanup.add(() => viewer.run());
  await openEventStream(viewer, `${hub.url}/api/v1/stream?topics=host/${id}`, { authorization });
  return () => viewer.run();
}

const credentials = new Map<string, string>();
let sequence = 0;
const gpuUuid = gpuFixture(0).uuid ?? '';

/** A push by hand; `text` is the raw text that it carries unasked. */
async function push(name: string, text: string | null): Promise<PushAnswer> {
  if (!credentials.has(name)) credentials.set(name, await enroll(hub.url, await hub.enrollmentToken(), name));
  sequence += 1;
  const at = new Date().toISOString();
  const fields = { 'power.drawWatts': { form: 'query' as const, name: 'power.draw', text: text ?? '' } };
  const answer = await pushOnce(
    hub.url,
    pushFixture({
      host: { id: hostId(name), hostname: name, labels: {} },
      sentAt: at,
      reports: [reportFixture({ takenAt: at, sequence })],
      ...(text === null ? {} : { raw: { sequence, gpus: { [gpuUuid]: fields }, host: {} } }),
    }),
    { credential: credentials.get(name) ?? '' },
  );
  expect(answer.status, answer.body).toBe(202);
  return JSON.parse(answer.body) as PushAnswer;
}

test('raw text is asked for and kept only while someone watches, and only of the newest report', async () => {
  const id = hostId('by-hand');
  expect(await push('by-hand', 'unasked')).not.toHaveProperty('rawText');
  expect(await rawOf(id)).toEqual({ takenAt: null, gpus: {}, host: {} });

  const leave = await watch(id);
  expect((await push('by-hand', '71.20 W')).rawText).toBe(true);
  expect((await rawOf(id)).gpus[gpuUuid]?.['power.drawWatts']?.text).toBe('71.20 W');
  // A report without its texts leaves none: an older one explains nothing.
  await push('by-hand', null);
  expect((await rawOf(id)).takenAt).toBeNull();

  await push('by-hand', '72.00 W');
  expect((await rawOf(id)).takenAt).not.toBeNull();
  leave();
  await eventually(async () => (await push('by-hand', '73.00 W')).rawText === undefined, {
    what: 'the hub to notice that nobody watches',
  });
  await push('by-hand', '74.00 W');
  expect((await rawOf(id)).takenAt).toBeNull();
});

test('too much raw text is refused with its place', async () => {
  await push('greedy', null);
  const fields = Object.fromEntries(
    Array.from({ length: 5001 }, (_, i) => [`f${i}`, { form: 'xml' as const, name: 'x', text: 'y' }]),
  );
  const answer = await pushOnce(
    hub.url,
    pushFixture({
      host: { id: hostId('greedy'), hostname: 'greedy', labels: {} },
      reports: [reportFixture({ sequence: 1000 })],
      raw: { sequence: 1000, gpus: { [gpuUuid]: fields }, host: {} },
    }),
    { credential: credentials.get('greedy') ?? '' },
  );
  expect(answer.status).toBe(422);
  expect(answer.body).toContain('/raw');
});

test('the texts of a watched host are those that its nvidia-smi printed', async () => {
  const agent = await startPlayedAgent(cleanup, hub, {
    name: 'played',
    control: { recording: recordedHost('a100x8') },
    intervalSeconds: 1,
  });
  const found = async () => (await hub.getJson<Page<HostSummary>>('/api/v1/hosts?q=played=played')).items[0];
  await eventually(async () => (await found()) !== undefined, { what: 'the played host', seconds: 30 });
  const id = (await found())?.id ?? '';
  expect((await rawOf(id)).takenAt).toBeNull();
  await watch(id);
  // On a busy machine the first texts may be older than the stream's first sample.
  const isSampled = async (): Promise<boolean> => {
    const gpus = Object.values((await rawOf(id)).gpus);
    return gpus.length === 8 && gpus.every((fields) => fields['power.drawWatts']?.form === 'query');
  };
  await eventually(isSampled, { what: 'raw text of a sample', seconds: 60 });

  const [raw, detail] = [await rawOf(id), await hub.getJson<HostDetail>(`/api/v1/hosts/${id}`)];
  expect(Object.keys(raw.gpus)).toHaveLength(8);
  for (const gpu of detail.gpus) {
    const fields = raw.gpus[gpu.uuid ?? ''] ?? {};
    expect(fields['power.drawWatts']).toMatchObject({ form: 'query', name: 'power.draw' });
    expect(fields['power.drawWatts']?.text).toMatch(/^\d+\.\d\d W$/);
    // What does not move can be compared with what the program prints when it is asked again.
    const printed = await mustRun([
      agent.player.nvidiaSmi,
      `--id=${gpu.uuid}`,
      '--query-gpu=memory.total,enforced.power.limit,vbios_version',
      '--format=csv,noheader',
    ]);
    const [total, limit, vbios] = printed.trim().split(', ');
    expect(fields['memory.totalBytes']?.text).toBe(total);
    expect(fields['power.limitWatts']?.text).toBe(limit);
    expect(fields['vbiosVersion']).toEqual({ form: 'xml', name: 'vbios_version', text: vbios });
  }
  expect(raw.host['kernelVersion']).toMatchObject({ form: 'file', name: '/proc/sys/kernel/osrelease' });
  expect(raw.host['cudaVersion']).toEqual({
    form: 'xml',
    name: '/cuda_version',
    text: detail.stack?.cudaVersion,
  });
});
