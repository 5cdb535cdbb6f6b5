import { type AlertsState, evaluate } from '../../lib/alerts/evaluate.ts';
import { ruleSet } from '../../lib/alerts/rules/index.ts';
import { createFleet } from '../../lib/fleet/index.ts';
import type { AlertRulesConfig, OwnAlertRule, Report } from '../../lib/model/index.ts';
import { type BenchResult, figure } from '../bench.ts';
import { playHost, recordedReport } from '../support/played-host.ts';

const hosts = 1250;
const rounds = 15;
const rulesInAll = 40;
const times = { hostGoneSeconds: 60, driftSeconds: 60, clearSeconds: 30, returnSeconds: 90 };

const own = (number: number): OwnAlertRule => ({
  name: `own:bench-${number}`,
  field: number % 2 === 0 ? 'gpu.temperature' : 'gpu.memory-used-share',
  comparison: 'above',
  // A few of them fire, so that alerts are compared too.
  value: number % 2 === 0 ? 78 + number : 0.79 + number / 100,
  forSeconds: 0,
  hysteresis: 0,
  severity: 'warning',
  scope: { hosts: ['group=rack-*'], models: ['*H100*'] },
  text: null,
});

/** The rules of the house and enough of one's own, all of them on. */
function fortyRules() {
  const house = ruleSet().rules.length;
  const config: AlertRulesConfig = {
    rules: new Map(),
    own: Array.from({ length: Math.max(0, rulesInAll - house) }, (_, number) => own(number)),
  };
  return ruleSet(config).rules;
}

function cpuMillis(work: () => void): number {
  const started = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(started);
  return (user + system) / 1000;
}

/**
 * 1,250 hosts of 8 GPUs against 40 rules: a round after every host reported anew, one after nobody did, and what one
 * report adds. CPU and not time, so that a busy machine does not count.
 */
export async function benchRules(): Promise<readonly BenchResult[]> {
  const base: Report = await recordedReport();
  const start = Date.parse('2026-11-01T00:00:00.000Z');
  const fleet = createFleet(start);
  const played = Array.from({ length: hosts }, (_, number) => playHost({ base, number, intervalSeconds: 5 }));
  const rules = fortyRules();
  let state: AlertsState = { tracked: [], evaluatedAtMillis: null };
  let ids = 0;
  let nowMillis = start;
  const report = (some: typeof played): void => {
    for (const host of some) {
      const { push } = host.push(nowMillis);
      const [own] = push.reports;
      if (own === undefined) continue;
      const clock = { seconds: 0, bestDelaySeconds: 0, measuredAtMillis: nowMillis } as never;
      fleet.apply({
        host: push.host,
        agent: push.agent,
        report: own,
        receivedAtMillis: nowMillis,
        takenAtMillis: nowMillis,
        clock,
      });
    }
  };
  const round = (): void => {
    nowMillis += 1000;
    const reading = {
      hosts: fleet.standings(),
      drift: [],
      compat: [],
      issues: [],
      listeningFromMillis: start,
      channels: [],
      ssh: [],
      hubVersion: '0.1.0',
    };
    state = evaluate(state, reading, nowMillis, { times, newId: () => `a${++ids}`, rules }).state;
  };
  const taken = { all: [] as number[], none: [] as number[], one: [] as number[] };
  report(played);
  round();
  for (let at = 0; at < rounds; at += 1) {
    report(played);
    taken.all.push(cpuMillis(round));
    const idle = cpuMillis(round);
    taken.none.push(idle);
    report(played.slice(at, at + 1));
    taken.one.push(Math.max(0, cpuMillis(round) - idle));
  }
  const note = `${rules.length} rules, ${state.tracked.length} alerts open`;
  const unit = 'ms of CPU';
  return [
    figure({ name: 'alerts: a round in which every host reported', unit, bar: 200, note }, taken.all),
    figure({ name: 'alerts: a round in which none did', unit, bar: 20, note }, taken.none),
    figure({ name: 'alerts: what one report adds to a round', unit, bar: 5, note }, taken.one),
  ];
}
