import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { recordedHost, root, startPlayedAgent } from './support/played-agent.ts';
import { mustRun, runProgram } from './support/programs.ts';
import { type PrometheusServer, startPrometheus } from './support/prometheus-server.ts';
import { Cleanup, eventually, sleep, temporaryFolder } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

/** A minute in the acceptance run; less by default, since each scrape is like the one before. */
const scrapeSeconds = Number(process.env['TEST_SCRAPE_SECONDS'] ?? 25);
const played = { 'h100x8-mig': 8, rtx4090x4: 4, 't4-cloud': 1 };
const gpuCount = Object.values(played).reduce((sum, count) => sum + count, 0);

let hub: TestHub;
let prometheus: PrometheusServer;
let token: string;

/** The scrape config that we ship, with nothing changed but where things are and how often. */
function shippedConfiguration(credentialsFile: string): string {
  return readFileSync(join(root, 'deploy/prometheus/prometheus.yml'), 'utf8')
    .replaceAll('/etc/prometheus/gpufleet-token', credentialsFile)
    .replaceAll('127.0.0.1:3000', new URL(hub.url).host)
    .replace('scrape_interval: 15s', 'scrape_interval: 1s');
}

beforeAll(async () => {
  hub = await startTestHub(cleanup);
  token = await hub.scrapeToken();
  const credentialsFile = join(temporaryFolder(cleanup, 'scrape'), 'token');
  writeFileSync(credentialsFile, `${token}\n`);
  for (const name of Object.keys(played))
    await startPlayedAgent(cleanup, hub, { name, control: { recording: recordedHost(name) } });
  await eventually(
    async () => (await hub.getText('/metrics')).match(/^gpufleet_gpu_info\{/gm)?.length === gpuCount,
    { seconds: 60, what: `${gpuCount} GPUs in /metrics` },
  );
  const configuration = shippedConfiguration(credentialsFile);
  const file = join(temporaryFolder(cleanup, 'config'), 'prometheus.yml');
  writeFileSync(file, configuration);
  await mustRun(['promtool', 'check', 'config', file]);
  prometheus = await startPrometheus(cleanup, configuration);
});

async function only(expression: string): Promise<number | undefined> {
  const samples = await prometheus.query(expression);
  if (samples.length > 1) throw new Error(`${expression} gives ${samples.length} series`);
  return samples[0]?.value;
}

test('the real Prometheus scrapes the hub and is up the whole time', async () => {
  await eventually(async () => (await only('sum(up)')) === 2, { what: 'both jobs up' });
  await sleep(scrapeSeconds);
  const span = `${scrapeSeconds}s`;
  expect(await only(`min_over_time(up{job="gpufleet"}[${span}])`)).toBe(1);
  expect(await only(`min_over_time(up{job="gpufleet-hub"}[${span}])`)).toBe(1);
  expect(await only(`count_over_time(up{job="gpufleet"}[${span}])`)).toBeGreaterThan(scrapeSeconds * 0.8);
  expect(await only('count(gpufleet_gpu_info)')).toBe(gpuCount);
  expect(await only('count(gpufleet_host_up == 1)')).toBe(Object.keys(played).length);
  // A played GPU is never still: the series moved while we watched.
  expect(await only(`count(changes(gpufleet_gpu_power_watts[${span}]) > 0)`)).toBeGreaterThan(0);
  expect(await only('count(gpufleet_mig_memory_total_bytes)')).toBeGreaterThan(0);
});

test('no scrape had a sample that Prometheus refused', () => {
  expect(prometheus.output()).not.toMatch(/duplicate|out of order|append failed|level=(warn|error)/i);
});

const authorization = () => ['-H', `Authorization: Bearer ${token}`];

test.each(['/metrics', '/metrics/hub'])('promtool check metrics says nothing about %s', async (path) => {
  const text = await mustRun(['curl', '-sf', ...authorization(), `${hub.url}${path}`]);
  const { code, stdout, stderr } = await runProgram(['promtool', 'check', 'metrics'], { input: `${text}\n` });
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
});

test('gzip and OpenMetrics come when they are asked for', async () => {
  const plain = await mustRun(['curl', '-sf', ...authorization(), `${hub.url}/metrics/hub`]);
  const headers = await mustRun([
    'curl',
    '-sf',
    '-o',
    '/dev/null',
    '-D',
    '-',
    '-H',
    'Accept: application/openmetrics-text;version=1.0.0',
    '-H',
    'Accept-Encoding: gzip',
    ...authorization(),
    `${hub.url}/metrics`,
  ]);
  expect(plain).toContain('# TYPE gpufleet_hub_pushes_total counter');
  expect(headers).toMatch(/content-encoding: gzip/i);
  expect(headers).toMatch(/content-type: application\/openmetrics-text/i);
});

test('a scrape token reads metrics and nothing else', async () => {
  const status = (path: string, headers: readonly string[]) =>
    mustRun(['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', ...headers, `${hub.url}${path}`]);
  expect(await status('/metrics', authorization())).toBe('200');
  expect(await status('/api/v1/hosts', authorization())).toBe('403');
  expect(await status('/metrics', ['-H', 'Authorization: Bearer gfm_unknown'])).toBe('401');
});
