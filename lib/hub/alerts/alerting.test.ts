import { expect, test } from 'vitest';
import { createAlerting } from './alerting.ts';
import type { AlertingPort } from './alerting-port.ts';

/** A hub without hosts, and whether its store answers. */
function hubWithout() {
  let nowMillis = Date.parse('2026-11-25T10:00:00.000Z');
  let answers: (() => void)[] | null = null;
  const port = {
    state: {
      listOpenAlerts: async () => [],
      listOpenSilences: () =>
        new Promise((resolve) => {
          if (answers === null) resolve([]);
          else answers.push(() => resolve([]));
        }),
      changeAlerts: async () => undefined,
      pruneAlerts: async () => undefined,
      waitingDeliveries: async () => [],
    },
    fleet: { standings: () => new Map(), summaries: () => [], setMaintenance: () => undefined },
    drift: () => [],
    issues: () => [],
    compat: () => [],
    ssh: () => [],
    ruleSet: () => ({ rules: [], judge: { prepare: () => [] } }),
    health: { load: async () => undefined, refresh: async () => undefined, readings: () => [] },
    teller: { run: async () => undefined, close: async () => undefined },
    courier: { run: async () => undefined, close: async () => undefined },
    hubVersion: '1',
    now: () => nowMillis,
    times: { hostGoneSeconds: 60, driftSeconds: 60, clearSeconds: 60, returnSeconds: 60 },
    groupWaitSeconds: 0,
    retentionSeconds: 1000,
    log: () => undefined,
  } as unknown as AlertingPort;
  return {
    alerting: createAlerting(port),
    startMillis: nowMillis,
    pass: (seconds: number) => {
      nowMillis += seconds * 1000;
    },
    hang() {
      answers = [];
    },
    answer() {
      const waiting = answers ?? [];
      answers = null;
      for (const each of waiting) each();
    },
  };
}

test('a slow disk is no sleep: the hub heard its hosts meanwhile, so hosts that are gone still count', async () => {
  const { alerting, startMillis, pass, hang, answer } = hubWithout();
  await alerting.load();
  await alerting.tick();
  hang();
  const slow = alerting.tick();
  for (let second = 0; second < 10; second += 1) {
    pass(1);
    void alerting.tick();
  }
  answer();
  await slow;
  await alerting.tick();
  expect(alerting.reading().listeningFromMillis).toBe(startMillis);
});

test('a hub that slept, or whose clock was set, heard nobody until then', async () => {
  const { alerting, startMillis, pass } = hubWithout();
  await alerting.load();
  await alerting.tick();
  pass(600);
  await alerting.tick();
  expect(alerting.reading().listeningFromMillis).toBe(startMillis + 600_000);
  pass(-3600);
  await alerting.tick();
  expect(alerting.reading().listeningFromMillis).toBe(startMillis - 3_000_000);
});
