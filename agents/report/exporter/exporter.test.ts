import { gunzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { stateOf } from '../../../lib/fleet/host-state.ts';
import type { LiveHost } from '../../../lib/fleet/live-host.ts';
import type { GpuCondition } from '../../../lib/model/index.ts';
import { pushFixture, reportFixture } from '../../../lib/protocol/push-fixture.ts';
import { createExporter, type Exporter } from './exporter.ts';

let exporter: Exporter | null = null;
afterEach(async () => {
  await exporter?.close();
});

async function serve(takenAt = new Date().toISOString(), condition: GpuCondition = 'ok'): Promise<string> {
  exporter = createExporter({
    host: { id: 'host-id-1', hostname: 'node1', labels: { rack: 'a1' } },
    address: { host: '127.0.0.1', port: 0 },
    status: () => ({ ...pushFixture().agent, spooledReports: 7 }),
    reportsTaken: () => 42,
    intervalSeconds: () => 5,
  });
  exporter.update(reportFixture({ takenAt, condition, intervalSeconds: 5 }));
  exporter.notePush(202);
  return `http://127.0.0.1:${await exporter.listen()}`;
}

test('serves the fleet names for this host, and its own', async () => {
  const url = await serve();
  const text = await (await fetch(`${url}/metrics`)).text();
  expect(text).toMatch(/^gpufleet_gpu_info\{host="node1",gpu="0".*\} 1$/m);
  expect(text).toMatch(/^gpufleet_host_up\{host="node1"\} 1$/m);
  expect(text).toMatch(/^gpufleet_agent_spooled_reports 7$/m);
  expect(text).toMatch(/^gpufleet_agent_reports_total 42$/m);
  expect(text).toMatch(/^gpufleet_agent_pushes_total\{status="202"\} 1$/m);
});

test('OpenMetrics ends once, and gzip is what it says', async () => {
  const url = await serve();
  const response = await fetch(`${url}/metrics`, { headers: { accept: 'application/openmetrics-text' } });
  const text = await response.text();
  expect(response.headers.get('content-type')).toContain('openmetrics');
  expect(text.match(/^# EOF$/gm)).toHaveLength(1);
  expect(text.endsWith('# EOF\n')).toBe(true);
  const { request } = await import('node:http');
  const raw = await new Promise<Buffer>((resolve) => {
    request(`${url}/metrics`, { headers: { 'accept-encoding': 'gzip' } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () => resolve(Buffer.concat(chunks)));
    }).end();
  });
  expect(gunzipSync(raw).toString()).toContain('gpufleet_gpu_info');
});

test('an old reading is not served as now', async () => {
  const url = await serve(new Date(Date.now() - 60_000).toISOString());
  const text = await (await fetch(`${url}/metrics`)).text();
  expect(text).not.toMatch(/^gpufleet_gpu_info\{/m);
  expect(text).toMatch(/^gpufleet_host_up\{host="node1"\} 0$/m);
});

test.each<GpuCondition>(['ok', 'starting', 'no-devices', 'driver-failed', 'driver-hung', 'paused'])(
  'shows the GPUs of a host that is %s where the hub does',
  async (condition) => {
    const url = await serve(new Date().toISOString(), condition);
    const text = await (await fetch(`${url}/metrics`)).text();
    const now = Date.now();
    const report = reportFixture({ condition, intervalSeconds: 5 });
    const host = { report, takenAtMillis: now, enrolledAtMillis: now, restored: false } as LiveHost;
    expect(/^gpufleet_gpu_info\{/m.test(text)).toBe(stateOf(host, now, now).current);
  },
);

test('answers nothing else', async () => {
  const url = await serve();
  expect((await fetch(`${url}/`)).status).toBe(404);
  expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(405);
});

test('a port in use is said', async () => {
  const url = await serve();
  const second = createExporter({
    host: { id: 'host-id-2', hostname: 'node2', labels: {} },
    address: { host: '127.0.0.1', port: Number(new URL(url).port) },
    status: () => pushFixture().agent,
    reportsTaken: () => 0,
    intervalSeconds: () => 5,
  });
  await expect(second.listen()).rejects.toThrow('EADDRINUSE');
});
