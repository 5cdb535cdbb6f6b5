import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { exampleGpu } from '../../lib/metrics/example-host.ts';
import type { Push, Report } from '../../lib/model/index.ts';
import { PROTOCOL_VERSION } from '../../lib/protocol/limits.ts';
import { dumpHistory, type HistoryDump } from './support/history-dump.ts';
import { enroll, hostId, pushUntilTaken, variedReport } from './support/pusher.ts';
import { Cleanup, sleep } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

const hostnames = Array.from({ length: 8 }, (_, i) => `pushed-${i}`);
const gpusPerHost = 4;
const reportsPerHost = 120;
/** Six reports of each host come in one push at most, so that a kill meets pushes of every size. */
const largestPush = 6;

const baseReport: Report = {
  sequence: 0,
  takenAt: '',
  ageSeconds: null,
  intervalSeconds: 5,
  condition: 'ok',
  failure: null,
  stack: {
    kernelDriverVersion: null,
    kernelModuleFlavour: null,
    driverVersion: null,
    cudaVersion: null,
    containerToolkitVersion: null,
    dockerVersion: null,
    kernelVersion: null,
    osName: null,
    architecture: null,
    bootedAt: null,
  },
  gpus: Array.from({ length: gpusPerHost }, () => {
    const { hostId: _, hostname: _2, current: _3, ageSeconds: _4, unattributed: _5, ...gpu } = exampleGpu();
    return gpu;
  }),
  containers: [],
  sources: [],
  problems: [],
};

/** The same numbers in the same order for the same seed. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}

function timelineOf(hostname: string, firstTakenAt: number): Report[] {
  return Array.from({ length: reportsPerHost }, (_, i) =>
    variedReport(baseReport, hostname, i + 1, new Date(firstTakenAt + i * 5000)),
  );
}

function pushOf(hostname: string, reports: readonly Report[]): Push {
  return {
    protocol: PROTOCOL_VERSION,
    host: { id: hostId(hostname), hostname, labels: {} },
    agent: {
      version: '0.1.0',
      epoch: `epoch-of-${hostname}`,
      startedAt: '2026-01-01T00:00:00.000Z',
      spooledReports: 0,
      spooledBytes: 0,
      droppedReports: 0,
    },
    sentAt: new Date().toISOString(),
    reports,
  };
}

/** In order, one by one, never disturbed. */
async function feedCalmly(hub: TestHub, firstTakenAt: number): Promise<void> {
  const token = await hub.enrollmentToken();
  await Promise.all(
    hostnames.map(async (hostname) => {
      const credential = await enroll(hub.url, token, hostname);
      for (const report of timelineOf(hostname, firstTakenAt))
        await pushUntilTaken(hub.url, () => pushOf(hostname, [report]), { credential });
    }),
  );
}

/** Out of order, some twice, compressed or not, several at a time, and until each was acknowledged. */
async function feedWildly(hub: TestHub, firstTakenAt: number, onPush: () => void): Promise<void> {
  const token = await hub.enrollmentToken();
  await Promise.all(
    hostnames.map(async (hostname, i) => {
      const random = seededRandom(i + 1);
      const credential = await enroll(hub.url, token, hostname);
      const waiting = shuffled(timelineOf(hostname, firstTakenAt), random);
      const sent: Report[] = [];
      while (waiting.length > 0) {
        const batch = waiting.splice(0, 1 + Math.floor(random() * largestPush));
        const again = random() < 0.2 ? shuffled(sent, random).slice(0, 2) : [];
        const gzip = random() < 0.5;
        await pushUntilTaken(hub.url, () => pushOf(hostname, [...batch, ...again]), { credential, gzip });
        sent.push(...batch);
        onPush();
      }
    }),
  );
}

async function historyOf(hub: TestHub): Promise<HistoryDump> {
  await hub.stop();
  return dumpHistory(join(hub.dataFolder, 'history.sqlite'));
}

describe('a hub that is killed while it is fed', () => {
  test('has the raw rows and rollups of one that was left in peace', async () => {
    // Some minutes back, so that nothing depends on when the hub saw it, and whole minutes are in it.
    const firstTakenAt = Date.now() - reportsPerHost * 5000 - 60_000;
    const calm = await startTestHub(cleanup);
    await feedCalmly(calm, firstTakenAt);
    const expected = await historyOf(calm);
    expect(expected.raw).toHaveLength(hostnames.length * reportsPerHost);
    expect(expected.minutes.length).toBeGreaterThan(hostnames.length * gpusPerHost * 10);

    const killed = await startTestHub(cleanup);
    const total = hostnames.length * (reportsPerHost / ((1 + largestPush) / 2));
    let pushes = 0;
    const killAt = [0.15, 0.4, 0.75].map((share) => Math.floor(total * share));
    let kills = 0;
    let disturbance: Promise<void> = Promise.resolve();
    await feedWildly(killed, firstTakenAt, () => {
      pushes += 1;
      if (pushes !== killAt[0]) return;
      killAt.shift();
      kills += 1;
      disturbance = disturbance.then(async () => {
        await killed.kill();
        await sleep(0.5);
        await killed.start();
      });
    });
    await disturbance;
    expect(kills).toBe(3);
    const found = await historyOf(killed);
    expect(found.raw).toEqual(expected.raw);
    expect(found.minutes).toEqual(expected.minutes);
    expect(found.hours).toEqual(expected.hours);
  });
});
