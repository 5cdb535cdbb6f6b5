import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AgentsView, HostDetail, Push } from '../../lib/model/index.ts';
import { root } from './support/played-agent.ts';
import { enroll, hostId, pushOnce } from './support/pusher.ts';
import { Cleanup } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

/**
 * What the first agent pushed, on played hosts, as it was before anything was added to the wire. Never written anew: a
 * hub that does not take them has left agents behind that are in use.
 */
const folder = join(root, 'e2e/integration/fixtures/protocol-1');
const recorded = readdirSync(folder).map((name) => {
  const push = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Push;
  return { name: name.replace('.json', ''), push: { ...push, host: { ...push.host, id: hostId(name) } } };
});

describe('a push of the first agents', () => {
  let hub: TestHub;
  let token = '';
  beforeAll(async () => {
    hub = await startTestHub(cleanup);
    token = await hub.enrollmentToken();
  });
  const send = async (push: Push) => {
    const credential = await enroll(hub.url, token, push.host.hostname, push.host.id);
    const at = new Date().toISOString();
    const reports = push.reports.map((report) => ({ ...report, takenAt: at }));
    return pushOnce(hub.url, { ...push, sentAt: at, reports }, { credential, gzip: true });
  };

  test.each(recorded)('$name is taken, and shown as it says', async ({ push }) => {
    const answer = await send(push);
    expect(answer.status, answer.body).toBe(202);
    const host = await hub.getJson<HostDetail>(`/api/v1/hosts/${push.host.id}`);
    const [report] = push.reports;
    expect(host).toMatchObject({ hostname: push.host.hostname, condition: report?.condition });
    expect(host.gpus.map(({ uuid, memory, power }) => ({ uuid, memory, power }))).toEqual(
      report?.gpus.map(({ uuid, memory, power }) => ({ uuid, memory, power })),
    );
    expect(host.agent?.code).toBeUndefined();
  });

  test('their agents are listed, and not offered what they cannot do', async () => {
    for (const { push } of recorded) await send(push).catch(() => undefined);
    const { agents } = await hub.getJson<AgentsView>('/api/v1/agents');
    expect(agents.map(({ canUpgrade, sha256, access }) => ({ canUpgrade, sha256, access }))).toEqual(
      recorded.map(() => ({ canUpgrade: false, sha256: null, access: null })),
    );
  });

  test('a protocol of the future is refused by its name', async () => {
    const [first] = recorded;
    if (first === undefined) throw new Error('nothing is recorded');
    const push = { ...first.push, host: { ...first.push.host, id: hostId('future') }, protocol: 99 };
    const answer = await send(push);
    expect(answer.status).toBe(422);
    expect(answer.body).toContain('Protocol 99 is not spoken here');
  });
});
