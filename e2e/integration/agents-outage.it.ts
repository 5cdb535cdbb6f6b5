import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { HostDetail, HostSummary, Page, Push, Report } from '../../lib/model/index.ts';
import { dumpHistory, type HistoryDump } from './support/history-dump.ts';
import { type PlayedAgent, recordedHost, startPlayedAgent } from './support/played-agent.ts';
import { enroll, pushUntilTaken } from './support/pusher.ts';
import { type RecordedPush, startRecordingProxy } from './support/recording-proxy.ts';
import { Cleanup, eventually, sleep } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

/** A minute in the acceptance run; less by default, since only the length of the backlog differs. */
const outageSeconds = Number(process.env['TEST_OUTAGE_SECONDS'] ?? 12);
const played = ['h100x8-mig', 'rtx4090x4', 't4-cloud', 'v100x4'];
const everySecond = ['--interval', '1s', '--watched-interval', '1s'];

async function backlogOf(hub: TestHub): Promise<number[]> {
  const page = await hub.getJson<Page<HostSummary>>('/api/v1/hosts');
  const hosts = await Promise.all(
    page.items.map((host) => hub.getJson<HostDetail>(`/api/v1/hosts/${host.id}`)),
  );
  return hosts.map((host) => (host.current ? (host.agent?.spooledReports ?? 0) : Number.POSITIVE_INFINITY));
}

/** Reports of one host, each once, in the order in which they were taken. */
function reportsInOrder(pushes: readonly RecordedPush[], hostId: string): Report[] {
  const bySequence = new Map<number, Report>();
  for (const { push } of pushes)
    if (push.host.id === hostId)
      for (const report of push.reports) bySequence.set(report.sequence, { ...report, ageSeconds: null });
  return [...bySequence.values()].sort((a, b) => a.sequence - b.sequence);
}

/** Gives a fresh hub what the agents had sent, in order, one by one, undisturbed. */
async function retell(hub: TestHub, pushes: readonly RecordedPush[]): Promise<void> {
  const token = await hub.enrollmentToken();
  const lastOfHost = new Map(pushes.map(({ push }) => [push.host.id, push]));
  await Promise.all(
    [...lastOfHost].map(async ([id, push]) => {
      const credential = await enroll(hub.url, token, push.host.hostname, id);
      for (const report of reportsInOrder(pushes, id)) {
        const again = (): Push => ({ ...push, sentAt: new Date().toISOString(), reports: [report] });
        await pushUntilTaken(hub.url, again, { credential });
      }
    }),
  );
}

async function historyOf(hub: TestHub): Promise<HistoryDump> {
  await hub.stop();
  return dumpHistory(join(hub.dataFolder, 'history.sqlite'));
}

test(`agents lose nothing over ${outageSeconds} s without a hub that was killed under them`, {
  timeout: (outageSeconds * 4 + 180) * 1000,
}, async () => {
  const hub = await startTestHub(cleanup, { options: everySecond });
  const proxy = await startRecordingProxy(cleanup, hub.url);
  const agents: PlayedAgent[] = [];
  for (const name of played)
    agents.push(
      await startPlayedAgent(cleanup, hub, {
        name,
        hubUrl: proxy.url,
        control: { recording: recordedHost(name), identity: name },
      }),
    );
  const seen = () => new Set(proxy.pushes.map(({ push }) => push.host.id)).size;
  await eventually(() => seen() === played.length, { seconds: 60, what: 'every agent to push' });
  await sleep(6);

  await hub.kill();
  const killedAt = Date.now();
  await sleep(outageSeconds);
  await hub.start();
  await eventually(async () => (await backlogOf(hub)).every((waiting) => waiting <= 1), {
    seconds: 60 + outageSeconds,
    everySeconds: 0.5,
    what: `the backlog to drain\n${agents[0]?.program.output()}`,
  });
  await sleep(3);
  for (const { program } of agents) await program.stop('SIGTERM');

  const taken = proxy.pushes.filter((push) => push.status === 202);
  const late = taken.flatMap(({ push }) => push.reports.slice(1));
  expect(late.length).toBeGreaterThan(played.length * (outageSeconds / 2));
  expect(proxy.pushes.some((push) => push.gzip)).toBe(true);
  // The newest goes first, so what was taken during the outage came after what was taken later.
  const arrivals = taken.flatMap(({ push }) =>
    push.reports.map((report) => [push.host.id, report.sequence] as const),
  );
  const first = arrivals[0]![0];
  const ofFirst = arrivals.filter(([id]) => id === first).map(([, sequence]) => sequence);
  expect(ofFirst.some((sequence, i) => i > 0 && sequence < ofFirst[i - 1]!)).toBe(true);

  // What each agent took, all of it arrived: its numbers have no hole, also over the outage.
  for (const id of new Set(proxy.pushes.map(({ push }) => push.host.id))) {
    const sequences = new Set(
      taken
        .filter(({ push }) => push.host.id === id)
        .flatMap(({ push }) => push.reports.map((report) => report.sequence)),
    );
    const lowest = Math.min(...sequences);
    expect([...sequences].sort((a, b) => a - b)).toEqual(
      Array.from({ length: sequences.size }, (_, i) => lowest + i),
    );
    const during = reportsInOrder(taken, id).filter((report) => {
      const at = Date.parse(report.takenAt);
      return at > killedAt && at < killedAt + outageSeconds * 1000;
    });
    expect(during.length).toBeGreaterThan(outageSeconds * 0.8);
  }

  const found = await historyOf(hub);
  const calm = await startTestHub(cleanup, { options: everySecond });
  await retell(calm, taken);
  const expected = await historyOf(calm);
  expect(found.raw.length).toBeGreaterThan(played.length * outageSeconds);
  expect(found.raw).toEqual(expected.raw);
  expect(found.minutes).toEqual(expected.minutes);
  expect(found.hours).toEqual(expected.hours);
});
