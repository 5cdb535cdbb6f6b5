import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ownRecording } from '../../agents/access/simulated/own-recordings.ts';
import { type SimulatedAgent, startSimulatedAgent } from '../../agents/access/simulated/simulated-agent.ts';
import type { ChangesView, VersionsView } from '../../lib/model/index.ts';
import { type Answer, send } from './support/pusher.ts';
import { Cleanup, eventually, temporaryFolder } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
const agents: SimulatedAgent[] = [];
const running = '570.211.01';
const next = '580.159.03';
/** The hub's usual one. Within three of them a change is told everywhere. */
const intervalSeconds = 5;
const threeIntervals = { seconds: 3 * intervalSeconds };
let fleetFile: string;
let hub: TestHub;
let operator: string;

async function startHosts(to: TestHub, folder: string | null): Promise<readonly SimulatedAgent[]> {
  const [token, recording] = await Promise.all([to.enrollmentToken(), ownRecording('rtx4090x4')]);
  return Array.from({ length: 12 }, (_, index) =>
    startSimulatedAgent({
      recording,
      hostname: `lab-${index + 1}`,
      labels: { role: 'train' },
      intervalSeconds,
      hubUrl: to.url,
      trust: { kind: 'system' },
      readToken: () => token,
      stateFolder: folder === null ? null : join(folder, `lab-${index + 1}`),
      log: () => undefined,
    }),
  );
}

/** Twelve played hosts in a group that takes them in by a label. */
beforeAll(async () => {
  fleetFile = join(temporaryFolder(cleanup, 'fleet'), 'fleet.yaml');
  writeFileSync(
    fleetFile,
    `# ours\ngroups:\n  lab: { match: { labels: { role: train } }, baseline: { toolkit: ">=1.17 <2" } }\n`,
  );
  hub = await startTestHub(cleanup, {
    options: ['--interval', `${intervalSeconds}s`, '--fleet-file', fleetFile],
  });
  operator = await hub.apiToken('operator');
  agents.push(...(await startHosts(hub, null)));
});
afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()));
  await cleanup.run();
});

const versions = (of: TestHub): Promise<VersionsView> =>
  of.getJson<VersionsView>('/api/v1/versions?group=lab');
const accept = (facet: string, value: string): Promise<Answer> =>
  send(`${hub.url}/api/v1/baselines`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${operator}`, 'content-type': 'application/json' },
    body: JSON.stringify({ group: 'lab', facet, value }),
  });
/** Findings of baselines that somebody set; what is inferred is another matter. */
const drifted = ({ drift }: VersionsView): readonly string[] =>
  drift
    .filter(({ baseline }) => baseline !== 'inferred')
    .map(({ hostname, facet, expected, actual }) => `${hostname} ${facet} ${expected} ${actual}`);
const series = async (of: TestHub, name: string): Promise<readonly string[]> =>
  (await of.getText('/metrics')).split('\n').filter((line) => line.startsWith(`${name}{`));

test('an upgrade of three of twelve, one of them half-way, is in findings, timeline and metrics; and once accepted is none', async () => {
  await eventually(
    async () => {
      const view = await versions(hub);
      const cell = view.groups[0]?.cells.find(({ facet }) => facet === 'library');
      return cell?.told === 12;
    },
    { seconds: 60, what: 'twelve hosts that tell their driver library' },
  );
  for (const facet of ['driver', 'library']) expect((await accept(facet, running)).status, facet).toBe(200);
  expect((await versions(hub)).drift.filter(({ baseline }) => baseline !== 'inferred')).toEqual([]);

  for (const number of [2, 3])
    agents[number - 1]?.access.setFault({ kind: 'driver-replaced', driverVersion: next });
  agents[3]?.access.setFault({ kind: 'driver-on-disk', driverVersion: next });
  const view = await eventually(
    async () => {
      const now = await versions(hub);
      return drifted(now).length === 5 ? now : undefined;
    },
    { ...threeIntervals, what: 'five findings' },
  );
  expect(drifted(view).toSorted()).toEqual([
    `lab-2 driver ${running} ${next}`,
    `lab-2 library ${running} ${next}`,
    `lab-3 driver ${running} ${next}`,
    `lab-3 library ${running} ${next}`,
    `lab-4 library ${running} ${next}`,
  ]);
  expect(view.drift.find(({ facet }) => facet === 'driver')).toMatchObject({
    previous: running,
    peers: 10,
    fix: expect.arrayContaining([expect.stringContaining('Drain the host')]),
  });
  const pending = view.issues.filter(({ kind }) => kind === 'pending-mismatch');
  expect(pending).toMatchObject([{ severity: 'critical', hosts: [{ hostname: 'lab-4' }] }]);
  expect(pending[0]?.why).toMatch(/^Reboot needed/);

  const { events } = await hub.getJson<ChangesView>('/api/v1/changes?group=lab');
  const moved = events.flatMap(({ changes, hosts }) =>
    changes
      .filter(({ facet }) => facet === 'driver' || facet === 'library')
      .map(({ facet, from, to }) => `${facet} ${from} ${to} ${hosts.map(({ hostname }) => hostname)}`),
  );
  expect(moved.toSorted()).toEqual([
    `driver ${running} ${next} lab-2,lab-3`,
    `library ${running} ${next} lab-2,lab-3,lab-4`,
  ]);
  expect((await hub.getJson<ChangesView>('/api/v1/changes?q=lab-4&facet=driver')).events).toEqual([]);

  const told = (await series(hub, 'gpufleet_host_drift')).filter((line) =>
    /facet="(driver|library)"/.test(line),
  );
  expect(told).toHaveLength(5);
  expect(told).toContain(
    `gpufleet_host_drift{host="lab-4",facet="library",expected="${running}",actual="${next}"} 1`,
  );
  expect(
    (await series(hub, 'gpufleet_host_stack_issue')).filter((line) => line.includes('pending-mismatch')),
  ).toEqual(['gpufleet_host_stack_issue{host="lab-4",issue="pending-mismatch",severity="critical"} 1']);

  for (const facet of ['driver', 'library'])
    expect((await accept(facet, `${running} | ${next}`)).status, facet).toBe(200);
  expect(drifted(await versions(hub))).toEqual([]);
  expect(
    (await series(hub, 'gpufleet_host_drift')).filter((line) => line.includes('facet="driver"')),
  ).toEqual([]);
});

test('the exported file gives a fresh hub the same findings', async () => {
  expect((await accept('driver', running)).status).toBe(200);
  const { text } = await hub.getJson<{ readonly text: string }>('/api/v1/fleet-file');
  expect(text).toContain('# ours');
  const copy = join(temporaryFolder(cleanup, 'copy'), 'fleet.yaml');
  writeFileSync(copy, text);
  const fresh = await startTestHub(cleanup, {
    options: ['--interval', `${intervalSeconds}s`, '--fleet-file', copy],
  });
  const others = await startHosts(fresh, temporaryFolder(cleanup, 'hosts'));
  agents.push(...others);
  for (const number of [2, 3])
    others[number - 1]?.access.setFault({ kind: 'driver-replaced', driverVersion: next });
  others[3]?.access.setFault({ kind: 'driver-on-disk', driverVersion: next });
  const expected = drifted(await versions(hub)).toSorted();
  expect(expected).toHaveLength(2);
  await eventually(
    async () => JSON.stringify(drifted(await versions(fresh)).toSorted()) === JSON.stringify(expected),
    {
      seconds: 40,
      what: `the findings ${expected.join(', ')}`,
    },
  );
  const kinds = new Set((await versions(fresh)).baselines.map(({ kind }) => kind));
  expect(kinds.has('accepted')).toBe(false);
});

test('a bad fleet file is refused whole, with line and column of every fault, and the running one stays', async () => {
  const before = (await versions(hub)).baselines;
  writeFileSync(
    fleetFile,
    `oops: 1
groups:
  lab: { match: { labels: { role: train } }, baseline: { bios: "1", driver: ">=590 <580" } }
  other: { match: { host: lab-* }, baseline: { driver: "1" } }
`,
  );
  const { fleetFile: state } = await eventually(
    async () => {
      const view = await hub.getJson<{
        readonly fleetFile: { readonly fault: { readonly lines: readonly string[] } | null };
      }>('/api/v1/claims');
      return view.fleetFile.fault === null ? undefined : view;
    },
    { seconds: 15, what: 'the fault of the file' },
  );
  expect(state.fault?.lines.map((line) => line.slice(fleetFile.length))).toEqual([
    ':1:1: oops: is not known here',
    ':3:58: groups › lab › baseline › bios: is not known here',
    expect.stringMatching(/^:3:77: groups › lab › baseline › driver: is a range that nothing is in/),
    expect.stringMatching(/^:4:12: groups › other › match: overlaps with group lab/),
  ]);
  expect((await versions(hub)).baselines).toEqual(before);
});
