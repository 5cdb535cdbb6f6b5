import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { writePlayer } from '../../agents/access/simulated/player/install.ts';
import { openDiskSpool } from '../../agents/report/index.ts';
import type { HostDetail, HostSummary, Page, Push } from '../../lib/model/index.ts';
import { dumpHistory } from './support/history-dump.ts';
import { gpufleet, recordedHost, startPlayedAgent } from './support/played-agent.ts';
import { mustRun } from './support/programs.ts';
import { Cleanup, eventually, temporaryFolder } from './support/temporary.ts';
import { startTestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

const reportsInAnHour = 3600 / 5;
const mostBytes = 64 * 1024 * 1024;

/** Eight H100 with MIG, and ten processes on each. */
const control = {
  recording: recordedHost('h100x8-mig'),
  processes: Array.from({ length: 80 }, (_, i) => ({
    gpu: i % 8,
    pid: 1000 + i,
    name: `/usr/bin/python3 -m train --rank ${i}`,
    usedMemoryMiB: 100 + i,
  })),
};

/** What this host's agent would send, once, as the agent itself prints it. */
async function realPush(): Promise<Push> {
  const player = await writePlayer(temporaryFolder(cleanup, 'player'), control);
  const words = ['agent', '--once', '--stdout', '--no-docker', '--nvidia-smi', player.nvidiaSmi] as const;
  return JSON.parse(await mustRun([...gpufleet, ...words])) as Push;
}

test('an hour without a hub fits into 64 MiB, and all of it arrives afterwards', async () => {
  const push = await realPush();
  const [report] = push.reports;
  expect(report?.gpus.flatMap((gpu) => gpu.processes)).toHaveLength(80);
  const { ageSeconds: _, ...taken } = report!;

  // The hour, without waiting for it: the spool is filled as the agent fills it, one report every 5 s.
  const stateFolder = temporaryFolder(cleanup, 'state');
  const spool = openDiskSpool({ folder: join(stateFolder, 'spool'), maxBytes: mostBytes });
  const now = Date.now();
  for (let i = 0; i < reportsInAnHour; i += 1) {
    const sequence = spool.takeSequence();
    const takenAt = new Date(now - (reportsInAnHour - i) * 5000).toISOString();
    spool.append({ sequence, payload: gzipSync(JSON.stringify({ ...taken, sequence, takenAt })) });
  }
  const { epoch } = spool;
  expect(spool.stats).toMatchObject({ reports: reportsInAnHour, droppedReports: 0, problem: null });
  spool.close();
  const files = readdirSync(stateFolder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const bytes = files.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
  expect(bytes).toBeLessThanOrEqual(mostBytes);

  const hub = await startTestHub(cleanup);
  const agent = await startPlayedAgent(cleanup, hub, { name: 'an hour late', control, stateFolder });
  const waiting = async () => {
    const { items } = await hub.getJson<Page<HostSummary>>('/api/v1/hosts');
    const host = await hub.getJson<HostDetail>(`/api/v1/hosts/${items[0]?.id}`);
    return host.agent?.epoch === epoch ? host.agent.spooledReports : Number.POSITIVE_INFINITY;
  };
  await eventually(async () => (await waiting()) === 0, {
    seconds: 90,
    everySeconds: 0.5,
    what: `the backlog to drain\n${agent.program.output()}`,
  });
  await agent.program.stop();
  await hub.stop();
  const raw = dumpHistory(join(hub.dataFolder, 'history.sqlite')).raw.map((row) => row.split(/[ \n]/, 4));
  const mine = raw
    .filter(([, rowEpoch]) => rowEpoch === epoch)
    .map(([, , sequence, takenMs]) => [Number(sequence), Number(takenMs)] as const);
  const backlog = mine.filter(([, takenMs]) => takenMs < now - 2500).sort((a, b) => a[0] - b[0]);
  expect(backlog.map(([sequence]) => sequence)).toEqual(
    Array.from({ length: reportsInAnHour }, (_value, i) => backlog[0]![0] + i),
  );
  expect(backlog.map(([, takenMs]) => takenMs)).toEqual(
    Array.from({ length: reportsInAnHour }, (_value, i) => now - (reportsInAnHour - i) * 5000),
  );
});
