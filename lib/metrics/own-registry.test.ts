import { expect, test } from 'vitest';
import { createAgentMetrics } from './agent-metrics.ts';
import { createHubMetrics } from './hub-metrics.ts';

const readings = {
  streamViewers: 3,
  hostsByState: { ok: 2, gone: 1 },
  sshHostsByState: { reading: 4 },
  historyQueuedEntries: 0,
  historyRawRows: null,
  historyForgottenGaps: 2,
  databaseBytes: { history: 4096 },
  lastCommitTimestampSeconds: null,
  alertDeliveriesWaiting: 0,
};

test('the hub tells its pushes, its hosts and its process in both formats, in any order', async () => {
  const metrics = createHubMetrics(() => readings, '0.1.0');
  metrics.notePush({ status: 202, seconds: 0.02, bodyBytes: 1000 });
  metrics.notePush({ status: 429, seconds: 0.001, bodyBytes: 10 });
  metrics.noteReports({ accepted: 2, duplicates: 1 });
  const [open, plain] = await Promise.all([
    metrics.render({ openMetrics: true }),
    metrics.render({ openMetrics: false }),
  ]);
  const again = await metrics.render({ openMetrics: true });
  for (const document of [open, plain, again]) {
    expect(document).toContain('gpufleet_hub_pushes_total{status="202"} 1\n');
    expect(document).toContain('gpufleet_hub_pushes_total{status="429"} 1\n');
    expect(document).toContain('gpufleet_hub_reports_total{outcome="duplicate"} 1\n');
    expect(document).toContain('gpufleet_hub_hosts{state="gone"} 1\n');
    expect(document).toContain('gpufleet_hub_ssh_hosts{state="reading"} 4\n');
    expect(document).toContain('gpufleet_hub_stream_viewers 3\n');
    expect(document).toContain('gpufleet_hub_history_forgotten_gaps 2\n');
    expect(document).toContain('gpufleet_hub_database_size_bytes{database="history"} 4096\n');
    expect(document).toMatch(/^gpufleet_hub_process_cpu_seconds_total /m);
    expect(document).toMatch(/^gpufleet_hub_nodejs_eventloop_lag_seconds /m);
  }
  expect(open).toMatch(/# TYPE gpufleet_hub_pushes counter\n/);
  expect(plain).toMatch(/# TYPE gpufleet_hub_pushes_total counter\n/);
  expect(again.endsWith('# EOF\n')).toBe(true);
});

test('a reading that cannot be told gives no series', async () => {
  const metrics = createHubMetrics(() => readings, '0.1.0');
  const document = await metrics.render({ openMetrics: false });
  expect(document).not.toMatch(/^gpufleet_hub_history_raw_rows/m);
  expect(document).not.toMatch(/^gpufleet_hub_history_last_commit_timestamp_seconds/m);
});

test('a host in a state that no host is in any more leaves', async () => {
  let hostsByState: Record<string, number> = { gone: 1 };
  const metrics = createHubMetrics(() => ({ ...readings, hostsByState }), '0.1.0');
  expect(await metrics.render({ openMetrics: false })).toContain('hosts{state="gone"} 1');
  hostsByState = { ok: 1 };
  expect(await metrics.render({ openMetrics: false })).not.toContain('state="gone"');
});

test('the agent tells its spool and its pushes', async () => {
  const spool = {
    spooledReports: 4,
    spooledBytes: 9000,
    droppedReports: 2,
    reportsTaken: 11,
    intervalSeconds: 5,
  };
  const metrics = createAgentMetrics(() => spool, '0.1.0');
  metrics.notePush(202);
  metrics.notePush('unreachable');
  await metrics.render({ openMetrics: false });
  const document = await metrics.render({ openMetrics: false });
  expect(document).toContain('gpufleet_agent_spooled_reports 4\n');
  expect(document).toContain('gpufleet_agent_dropped_reports_total 2\n');
  expect(document).toContain('gpufleet_agent_reports_total 11\n');
  expect(document).toContain('gpufleet_agent_pushes_total{status="unreachable"} 1\n');
});
