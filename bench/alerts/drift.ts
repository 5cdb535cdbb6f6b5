import { compatData } from '../../lib/cuda-compat/index.ts';
import { issuesOf, judgeHost, matrixOf, readFacets } from '../../lib/drift/index.ts';
import { createFleet } from '../../lib/fleet/index.ts';
import { createDriftKeeper } from '../../lib/hub/drift/drift-keeper.ts';
import {
  type Baseline,
  facetNames,
  type HostSoftware,
  type Report,
  softwareNames,
  type VersionsHost,
} from '../../lib/model/index.ts';
import { pushFixture } from '../../lib/protocol/push-fixture.ts';
import type { VersionsState } from '../../lib/state/state-store.ts';
import { type BenchResult, figure } from '../bench.ts';
import { playHost, recordedReport } from '../support/played-host.ts';

const hosts = 1250;
const groups = 20;
const rounds = 15;
const barMillis = 200;

function cpuMillis(work: () => void): number {
  const started = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(started);
  return (user + system) / 1000;
}

const noState: VersionsState = {
  listBaselines: async () => [],
  putBaseline: async () => {},
  removeBaseline: async () => {},
  listFacetValues: async () => [],
  addFacetValues: async () => {},
  listFacetChanges: async () => [],
  listGoneFacets: async () => [],
  pruneFacetChanges: async () => {},
  removeFacetValues: async () => {},
};

/** What a host tells beside its reports; every tenth differs, and every round some of them change. */
const softwareOf = (number: number, round: number): HostSoftware => ({
  readAt: '2026-11-01T00:00:00.000Z',
  facts: Object.fromEntries(
    softwareNames.map((name, at) => {
      const value = number % 10 === at % 10 ? `1.${at}.${round % 3}` : `1.${at}.9`;
      return [name, { value, missing: null, reason: '' }];
    }),
  ),
});

/** One baseline for every facet of every group; a range for every third. */
function baselines(): ReadonlyMap<string, Baseline> {
  const all = new Map<string, Baseline>();
  for (let number = 0; number < groups; number += 1)
    for (const [at, facet] of facetNames.entries()) {
      const group = `group-${number}`;
      const value = at % 3 === 0 ? '>=1 <2' : `1.${at}.9`;
      const since = '2026-11-01T00:00:00.000Z';
      all.set(`${facet} ${group}`, { group, facet, value, kind: 'declared', since, by: null });
    }
  return all;
}

/**
 * 1,250 hosts of 32 facets: everything read, judged and counted from nothing, and the hub's own tick after every host
 * reported, where one in ten tells something new. CPU and not time, so that a busy machine does not count.
 */
export async function benchDrift(): Promise<readonly BenchResult[]> {
  const base: Report = await recordedReport();
  const start = Date.parse('2026-11-01T00:00:00.000Z');
  let nowMillis = start;
  const fleet = createFleet(start);
  const played = Array.from({ length: hosts }, (_, number) => playHost({ base, number, intervalSeconds: 5 }));
  const { agent } = pushFixture();
  const own = baselines();
  const declared = Map.groupBy(own.values(), ({ group }) => group);
  const drift = createDriftKeeper({
    fleet,
    state: noState,
    now: () => nowMillis,
    log: () => {},
    settleMillis: 15_000,
    knowledge: compatData,
    declared: {
      current: () =>
        new Map(
          [...declared].map(([group, all]) => [
            group,
            Object.fromEntries(all.map(({ facet, value }) => [facet, value])),
          ]),
        ),
      onChange: () => () => {},
    },
  });
  await drift.open();
  const arrive = (round: number): void => {
    for (const [number, host] of played.entries()) {
      const { push } = host.push(nowMillis);
      const [report] = push.reports;
      if (report === undefined) continue;
      fleet.apply({
        host: { ...push.host, labels: { group: `group-${number % groups}` } },
        agent,
        report,
        // As an agent does it: only where something of it changed.
        software: round === 0 || number % 10 === round % 10 ? softwareOf(number, round) : null,
        receivedAtMillis: nowMillis,
        takenAtMillis: nowMillis,
        clock: { seconds: 0, measuredSeconds: [0] },
      });
    }
  };
  arrive(0);
  drift.tick(nowMillis);
  const perTick: number[] = [];
  const whole: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    nowMillis += 5000;
    arrive(round);
    perTick.push(cpuMillis(() => drift.tick(nowMillis)));
    whole.push(cpuMillis(() => judgeAll(fleet, drift.hosts(), own)));
  }
  const drifted = drift.findings().length;
  const issues = drift.issues().length;
  if (drifted === 0 || issues === 0) throw new Error('nothing drifted: the bench measures nothing');
  const note = `${hosts} hosts × ${facetNames.length} facets, ${drifted} findings, ${issues} issues`;
  return [
    figure(
      { name: 'alerts: drift, everything anew', unit: 'ms of CPU a round', bar: barMillis, note },
      whole,
    ),
    figure(
      { name: 'alerts: drift, a tick after all reported', unit: 'ms of CPU a round', bar: barMillis, note },
      perTick,
    ),
  ];
}

function judgeAll(
  fleet: ReturnType<typeof createFleet>,
  views: readonly VersionsHost[],
  own: ReadonlyMap<string, Baseline>,
): void {
  const baselineOf = (group: string, facet: string) => own.get(`${facet} ${group}`) ?? null;
  for (const view of views) {
    const last = fleet.lastReport(view.id);
    if (last === null) continue;
    readFacets({ ...last.report, software: last.software, agentVersion: last.agent.version });
    judgeHost(view, baselineOf);
    issuesOf(view, compatData, '2026-11-30T00:00:00.000Z');
  }
  matrixOf(views, baselineOf);
}
