import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { afterAll, expect, test } from 'vitest';
import { createAgentMetrics } from '../../lib/metrics/agent-metrics.ts';
import { exampleGpu, exampleHost } from '../../lib/metrics/example-host.ts';
import { createHubMetrics } from '../../lib/metrics/hub-metrics.ts';
import { createFleetExposition, openMetricsContentType, textContentType } from '../../lib/metrics/render.ts';
import { runProgram } from './support/programs.ts';
import { startPrometheus } from './support/prometheus-server.ts';
import { Cleanup, eventually, freePort } from './support/temporary.ts';

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

const awkward = 'a "quoted" \\ back\\slash\nsecond line, {x="y"} é 日本';

function awkwardFleet() {
  const exposition = createFleetExposition();
  exposition.update(
    exampleHost({
      labels: [{ key: 'kubernetes.io/arch', value: awkward, source: 'agent' }],
      gpus: [
        exampleGpu({ name: awkward, energyJoules: 1e21, fanRatio: 5e-324 }),
        exampleGpu({ uuid: 'GPU-b', index: 1 }),
      ],
    }),
  );
  exposition.update(exampleHost({ id: 'second', hostname: 'gone', current: false, state: 'gone' }));
  return exposition;
}

const hubMetrics = () =>
  createHubMetrics(
    () => ({
      streamViewers: 1,
      hostsByState: { ok: 1 },
      sshHostsByState: {},
      historyQueuedEntries: 0,
      historyRawRows: 5,
      databaseBytes: { history: 1 },
      historyForgottenGaps: 0,
      lastCommitTimestampSeconds: 1,
      alertDeliveriesWaiting: 0,
    }),
    '0.1.0',
  );
const agentMetrics = () =>
  createAgentMetrics(
    () => ({ spooledReports: 0, spooledBytes: 0, droppedReports: 0, reportsTaken: 1, intervalSeconds: 5 }),
    '0.1.0',
  );

test.each([
  ['the fleet', async () => awkwardFleet().render({ openMetrics: false })],
  ['the hub', () => hubMetrics().render({ openMetrics: false })],
  ['the agent', () => agentMetrics().render({ openMetrics: false })],
])('promtool check metrics has nothing to say about %s', async (_, render) => {
  const { code, stdout, stderr } = await runProgram(['promtool', 'check', 'metrics'], {
    input: await render(),
  });
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
});

test('promtool does object to a faulty document, so that its silence means something', async () => {
  const input = `${awkwardFleet().render({ openMetrics: false })}\n# TYPE x_total gauge\nx_total 1\n`;
  expect((await runProgram(['promtool', 'check', 'metrics'], { input })).code).not.toBe(0);
});

test('Prometheus reads text and OpenMetrics, labels and numbers as they were', async () => {
  const exposition = awkwardFleet();
  const own = hubMetrics();
  const asked: string[] = [];
  const answer = async (incoming: IncomingMessage, response: ServerResponse) => {
    asked.push(incoming.headers.accept ?? '');
    const openMetrics = incoming.url !== '/text';
    response.setHeader('content-type', openMetrics ? openMetricsContentType : textContentType);
    response.end(
      incoming.url === '/own' ? await own.render({ openMetrics }) : exposition.render({ openMetrics }),
    );
  };
  const server = createServer((incoming, response) => void answer(incoming, response));
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  cleanup.add(() => server.close());
  cleanup.add(() => server.closeAllConnections());
  const job = (name: string) =>
    `  - {job_name: ${name}, metrics_path: /${name}, static_configs: [{targets: ['127.0.0.1:${port}']}]}\n`;
  const prometheus = await startPrometheus(
    cleanup,
    `global: {scrape_interval: 1s}\nscrape_configs:\n${job('text')}${job('open')}${job('own')}`,
  );
  await eventually(async () => (await prometheus.query('sum(up)'))[0]?.value === 3, {
    what: 'three good scrapes',
  });
  for (const name of ['text', 'open']) {
    const infos = await prometheus.query(`gpufleet_gpu_info{job="${name}"}`);
    expect(infos.map((info) => info.labels['name']).sort()).toContain(awkward);
    expect(infos).toHaveLength(2);
    const [energy] = await prometheus.query(`gpufleet_gpu_energy_joules_total{job="${name}",gpu="0"}`);
    expect(energy?.value).toBe(1e21);
    const [info] = await prometheus.query(`gpufleet_host_info{job="${name}"}`);
    expect(info?.labels['label_kubernetes_io_arch']).toBe(awkward);
    const gone = await prometheus.query(`{job="${name}",host="gone"}`);
    expect(gone.map((sample) => sample.labels['__name__']).sort()).toEqual([
      'gpufleet_host_last_report_timestamp_seconds',
      'gpufleet_host_up',
    ]);
  }
  expect(asked.some((accept) => accept.includes('openmetrics'))).toBe(true);
  expect(await prometheus.query('gpufleet_hub_stream_viewers')).toHaveLength(1);
});
