import { afterAll, beforeAll, expect, test } from 'vitest';
import { ownRecording } from '../../agents/access/simulated/own-recordings.ts';
import { type SimulatedAgent, startSimulatedAgent } from '../../agents/access/simulated/simulated-agent.ts';
import type { Baseline, VersionsCell, VersionsView } from '../../lib/model/index.ts';
import { type Answer, send } from './support/pusher.ts';
import { Cleanup, eventually } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
let hub: TestHub;
let operator: string;
const agents: SimulatedAgent[] = [];

/** Twelve simulated hosts in one group, through the real collector, agent and wire. */
beforeAll(async () => {
  hub = await startTestHub(cleanup, { options: ['--interval', '1s'] });
  operator = await hub.apiToken('operator');
  const [token, recording] = await Promise.all([hub.enrollmentToken(), ownRecording('rtx4090x4')]);
  for (let number = 1; number <= 12; number += 1)
    agents.push(
      startSimulatedAgent({
        recording,
        hostname: `lab-${number}`,
        labels: { group: 'lab', half: number % 2 === 0 ? 'even' : 'odd' },
        intervalSeconds: 1,
        hubUrl: hub.url,
        trust: { kind: 'system' },
        readToken: () => token,
        stateFolder: null,
        log: () => undefined,
      }),
    );
});
afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()));
  await cleanup.run();
});

const versions = (query = ''): Promise<VersionsView> =>
  hub.getJson<VersionsView>(`/api/v1/versions?group=lab&${query}`);

async function driverCell(): Promise<VersionsCell | undefined> {
  const view = await versions('hosts=none');
  return view.groups[0]?.cells.find(({ facet }) => facet === 'driver');
}

const change = (method: 'PUT' | 'DELETE', query: string, body?: object): Promise<Answer> =>
  send(`${hub.url}/api/v1/baselines${query}`, {
    method,
    headers: { authorization: `Bearer ${operator}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

const driftSeries = async (): Promise<readonly string[]> =>
  (await hub.getText('/metrics'))
    .split('\n')
    .filter((line) => line.startsWith('gpufleet_host_drift{') && line.includes('facet="driver"'));

const upgrade = (number: number, driverVersion: string): void =>
  agents[number - 1]?.access.setFault({ kind: 'driver-replaced', driverVersion });

test('twelve hosts that agree give an inferred baseline; one upgraded is shown with from what and since when', async () => {
  const inferred = await eventually(
    async () => {
      const cell = await driverCell();
      return cell?.told === 12 && cell.baseline !== null ? cell.baseline : undefined;
    },
    { seconds: 60, what: 'an inferred baseline' },
  );
  expect(inferred).toMatchObject({ kind: 'inferred', by: null });
  const before = Date.now();
  upgrade(7, '610.57.04');
  const finding = await eventually(
    async () => (await versions()).drift.find(({ facet }) => facet === 'driver'),
    { seconds: 30, what: 'the host that drifted' },
  );
  expect(finding).toMatchObject({
    hostname: 'lab-7',
    group: 'lab',
    expected: inferred.value,
    actual: '610.57.04',
    previous: inferred.value,
    baseline: 'inferred',
  });
  expect(Date.parse(finding.since)).toBeGreaterThan(before - 1000);
  const lab7 = (await versions('q=lab-7')).hosts.find(({ hostname }) => hostname === 'lab-7');
  expect(lab7?.facets.driver).toMatchObject({ value: '610.57.04', since: finding.since, toldAt: null });
  expect((await versions('label=half%3Deven')).drift).toEqual([]);
  expect((await versions('label=half%3Dodd')).hosts).toHaveLength(6);

  await hub.kill();
  await hub.start();
  const after = await eventually(
    async () => {
      const view = await versions();
      return view.hosts.every(({ reporting }) => reporting) ? view : undefined;
    },
    { seconds: 60, what: 'all hosts after a restart' },
  );
  expect(after.drift.filter(({ facet }) => facet === 'driver')).toEqual([finding]);
});

test('accepting, setting and clearing a baseline counts at once, is audited, and is in /metrics', async () => {
  const inferred = (await driverCell())?.baseline;
  expect(await driftSeries()).toEqual([
    `gpufleet_host_drift{host="lab-7",facet="driver",expected="${inferred?.value}",actual="610.57.04"} 1`,
  ]);
  const accepted = await change('PUT', '', { group: 'lab', facet: 'driver', value: null });
  expect(accepted.status, accepted.body).toBe(200);
  expect(JSON.parse(accepted.body) as Baseline).toMatchObject({ kind: 'accepted', value: inferred?.value });
  expect((await driverCell())?.baseline).toMatchObject({
    kind: 'accepted',
    by: expect.stringMatching(/^token/),
  });
  const other = await change('PUT', '', { group: 'lab', facet: 'driver', value: ' 610.57.04 ' });
  expect(JSON.parse(other.body) as Baseline).toMatchObject({ kind: 'accepted', value: '610.57.04' });
  expect(await driverCell()).toMatchObject({ agree: 1, differ: 11 });
  expect(await driftSeries()).toHaveLength(11);

  expect((await change('DELETE', '?group=lab&facet=driver')).status).toBe(204);
  expect((await driverCell())?.baseline).toBeNull();
  expect(await driftSeries()).toEqual([]);
  for (const [body, status] of [
    [{ group: 'nowhere', facet: 'driver', value: '1' }, 404],
    [{ group: 'lab', facet: 'bios', value: '1' }, 422],
    [{ group: 'lab', facet: 'driver', value: 'a\nb' }, 422],
    [{ group: 'lab', facet: 'driver', value: '  ' }, 422],
    [{ group: 'lab', facet: 'driver', value: null }, 409],
  ] as const)
    expect((await change('PUT', '', body)).status, JSON.stringify(body)).toBe(status);
  expect((await change('DELETE', '?group=lab&facet=driver')).status).toBe(404);
  expect((await change('DELETE', '?group=lab')).status).toBe(400);
});

test('half the fleet upgraded step by step keeps the inferred baseline', async () => {
  const inferred = await eventually(async () => (await driverCell())?.baseline ?? undefined, {
    seconds: 30,
    what: 'a baseline to be inferred anew',
  });
  expect(inferred).toMatchObject({ kind: 'inferred' });
  let differing = 1;
  for (const numbers of [[1, 2], [3], [4, 5, 6, 8]]) {
    for (const number of numbers) upgrade(number, '610.57.04');
    differing += numbers.length;
    await eventually(async () => (await driverCell())?.differ === differing, {
      seconds: 30,
      what: `${differing} hosts that differ`,
    });
    expect((await driverCell())?.baseline).toEqual(inferred);
  }
});
