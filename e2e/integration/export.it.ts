import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { curlLine } from '../../app/export/curl.ts';
import {
  alertExpressions,
  containerTableExpressions,
  containerUseExpressions,
  deliveryExpressions,
  fleetExpressions,
  gpuTableExpressions,
  historyExpression,
  hostTableExpressions,
  metricHostNames,
  selector,
} from '../../app/export/promql.ts';
import { figuresOf } from '../../app/hosts/host-figures.ts';
import type {
  AlertRuleView,
  Container,
  ContainerView,
  GpuDetail,
  HostSummary,
  Page,
  ReportedGpu,
} from '../../lib/model/index.ts';
import { gpuFixture, processFixture, pushFixture, reportFixture } from '../../lib/protocol/push-fixture.ts';
import { mustRun } from './support/programs.ts';
import { type PrometheusServer, startPrometheus } from './support/prometheus-server.ts';
import { enroll, hostId, pushOnce } from './support/pusher.ts';
import { Cleanup, eventually } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

let hub: TestHub;
let prometheus: PrometheusServer;
let hosts: readonly HostSummary[];
let gpus: readonly GpuDetail[];
let containers: readonly ContainerView[];

/** Names that mean something to a regular expression, to a label and to a shell. */
const hostnames = ['gpu.1', 'gpu-2', `it's "q"`];

function gpu(host: string, index: number): ReportedGpu {
  const base = gpuFixture(index);
  const seed = hostnames.indexOf(host) * 2 + index + 1;
  return {
    ...base,
    uuid: `GPU-${hostId(`${host} ${index}`)}`,
    utilization: { ...base.utilization, gpuRatio: seed / 100, memoryRatio: seed / 200 },
    memory: { ...base.memory, usedBytes: seed * 1024 ** 3 },
    // One card tells the instant power only, and no temperature at all.
    power: { ...base.power, drawWatts: seed === 2 ? null : seed * 10.5, instantWatts: seed * 10.25 },
    temperature: {
      ...base.temperature,
      gpuCelsius: seed === 2 ? null : 30 + seed,
      memoryCelsius: 40 + seed,
    },
    clocks: { ...base.clocks, smHertz: seed * 1e8, memoryHertz: seed * 2e8 },
    fanRatio: seed / 10,
    processes: [processFixture(100 + seed, 'c'.repeat(64))],
  };
}

function container(host: string): Container {
  const use = (index: number) => ({
    gpuUuid: gpu(host, index).uuid ?? '',
    gpuInstanceId: null,
    computeInstanceId: null,
    usedMemoryBytes: 1024 ** 3,
    smRatio: 0.25,
    pids: [100 + index],
  });
  return {
    id: 'c'.repeat(64),
    name: `train.${host}`,
    image: 'pytorch:2',
    imageId: null,
    runtime: 'docker',
    state: 'running',
    startedAt: null,
    labels: {},
    cudaVersion: '12.4',
    visibleDevices: null,
    requireCuda: null,
    namespace: null,
    pod: null,
    gpus: [use(0), use(1)],
  };
}

async function push(hostname: string): Promise<void> {
  const credential = await enroll(hub.url, await hub.enrollmentToken(), hostname);
  const at = new Date().toISOString();
  // So seldom that nothing counts as late before the test is over.
  const report = reportFixture({
    takenAt: at,
    intervalSeconds: 600,
    gpus: [gpu(hostname, 0), gpu(hostname, 1)],
    containers: [container(hostname)],
  });
  const host = { id: hostId(hostname), hostname, labels: {} };
  const answer = await pushOnce(hub.url, pushFixture({ host, sentAt: at, reports: [report] }), {
    credential,
  });
  expect(answer.status, answer.body).toBe(202);
}

beforeAll(async () => {
  hub = await startTestHub(cleanup);
  for (const hostname of hostnames) await push(hostname);
  const items = async <T>(path: string) => (await hub.getJson<Page<T>>(path)).items;
  hosts = await items('/api/v1/hosts?limit=1000');
  gpus = await items('/api/v1/gpus?limit=1000');
  containers = await items('/api/v1/containers?limit=1000');
  const target = new URL(hub.url).host;
  prometheus = await startPrometheus(
    cleanup,
    `global: { scrape_interval: 1s }
scrape_configs:
  - job_name: gpufleet
    authorization: { credentials: "${await hub.scrapeToken()}" }
    static_configs: [{ targets: ["${target}"] }]
  - job_name: gpufleet-hub
    metrics_path: /metrics/hub
    authorization: { credentials: "${await hub.scrapeToken()}" }
    static_configs: [{ targets: ["${target}"] }]
`,
  );
  await eventually(async () => (await prometheus.query('gpufleet_host_up == 1')).length === 3, {
    what: 'three hosts in Prometheus',
  });
  await eventually(async () => (await prometheus.query('up == 1')).length === 2, {
    what: 'the hub’s own metrics in Prometheus',
  });
});

/** What an expression gives, by the value of one label. */
async function evaluate(expression: string | undefined, label: string): Promise<Record<string, number>> {
  const samples = await prometheus.query(expression ?? '');
  return Object.fromEntries(samples.map(({ labels, value }) => [labels[label] ?? '', value]));
}

/** Absent is a missing series, not a zero. */
function told<T>(items: readonly T[], name: (item: T) => string, value: (item: T) => number | null) {
  return Object.fromEntries(
    items.flatMap((item) => {
      const number = value(item);
      return number === null ? [] : [[name(item), expect.closeTo(number, 6)]];
    }),
  );
}

const labelled = (
  choices: readonly { readonly label: string; readonly expression: string }[],
  label: string,
) => choices.find((choice) => choice.label === label)?.expression;

const gpuFigures: Readonly<Record<string, (gpu: GpuDetail) => number | null>> = {
  Utilization: (gpu) => gpu.utilization.gpuRatio,
  'Memory used': (gpu) => gpu.memory.usedBytes,
  'Memory total': (gpu) => gpu.memory.totalBytes,
  Temperature: (gpu) => gpu.temperature.gpuCelsius,
  Power: (gpu) => gpu.power.drawWatts ?? gpu.power.instantWatts,
};

test('every expression of the GPUs table gives what the API says, for all and for some', async () => {
  for (const some of [null, gpus.slice(1, 4)]) {
    const choices = gpuTableExpressions(some?.map((each) => each.uuid ?? '') ?? null);
    expect(choices.map(({ label }) => label)).toEqual(Object.keys(gpuFigures));
    for (const [label, value] of Object.entries(gpuFigures))
      expect(await evaluate(labelled(choices, label), 'uuid'), label).toEqual(
        told(some ?? gpus, (each) => each.uuid ?? '', value),
      );
  }
});

const hostFigures: readonly (readonly [label: string, read: (host: HostSummary) => number | null])[] = [
  ['Utilization', (host) => figuresOf(host).utilizationRatio],
  ['Memory used', (host) => figuresOf(host).memoryUsedBytes],
  ['Memory total', (host) => figuresOf(host).memoryTotalBytes],
  ['Power', (host) => figuresOf(host).powerWatts],
  ['Reports', () => 1],
  ['Last report', (host) => Date.parse(host.lastReportAt ?? '') / 1000],
];

test('every expression of the Hosts table gives what the page shows, whatever the host is called', async () => {
  const names = metricHostNames(hosts);
  const nameOf = (host: HostSummary) => names.get(host.id) ?? '';
  for (const some of [hosts, ...hosts.map((host) => [host])]) {
    const choices = hostTableExpressions(some.map(nameOf));
    expect(choices.map(({ label }) => label)).toEqual(hostFigures.map(([label]) => label));
    for (const [label, value] of hostFigures)
      expect(await evaluate(labelled(choices, label), 'host'), label).toEqual(told(some, nameOf, value));
  }
});

test('the expressions of the containers table give what the API says', async () => {
  const sum = (view: ContainerView, read: (use: ContainerView['gpus'][number]) => number | null) =>
    view.gpus.reduce((total, use) => total + (read(use) ?? 0), 0);
  const names = containers.map(({ name }) => name ?? '');
  expect(names.length).toBe(3);
  for (const some of [null, names, names.slice(0, 1)]) {
    const choices = containerTableExpressions(some);
    const wanted = containers.filter(({ name }) => some?.includes(name ?? '') ?? true);
    const nameOf = ({ name }: ContainerView) => name ?? '';
    expect(await evaluate(labelled(choices, 'GPU memory'), 'container')).toEqual(
      told(wanted, nameOf, (view) => sum(view, (use) => use.usedMemoryBytes)),
    );
    expect(await evaluate(labelled(choices, 'SM'), 'container')).toEqual(
      told(wanted, nameOf, (view) => sum(view, (use) => use.smRatio)),
    );
  }
});

test('the expressions of one container give what it uses of each GPU', async () => {
  for (const { hostname, name, gpus: uses } of containers) {
    const choices = containerUseExpressions(hostname, name ?? '');
    const uuid = (use: (typeof uses)[number]) => use.gpuUuid;
    expect(await evaluate(labelled(choices, 'GPU memory'), 'uuid')).toEqual(
      told(uses, uuid, (use) => use.usedMemoryBytes),
    );
    expect(await evaluate(labelled(choices, 'SM'), 'uuid')).toEqual(told(uses, uuid, (use) => use.smRatio));
  }
});

test('the expressions of the fleet map give its cells and its mean', async () => {
  for (const some of [null, gpus.slice(0, 3)]) {
    const shown = some ?? gpus;
    const choices = fleetExpressions(some?.map((each) => each.uuid ?? '') ?? null);
    for (const [label, value] of Object.entries(gpuFigures))
      expect(await evaluate(labelled(choices, label), 'uuid'), label).toEqual(
        told(shown, (each) => each.uuid ?? '', value),
      );
    const mean = shown.reduce((sum, each) => sum + (each.utilization.gpuRatio ?? 0), 0) / shown.length;
    expect(await prometheus.query(labelled(choices, 'Mean utilization') ?? '')).toEqual([
      expect.objectContaining({ value: expect.closeTo(mean, 6) }),
    ]);
  }
});

test('the expressions of alerts and of their notices name every rule, severity and outcome', async () => {
  const { items: rules } = await hub.getJson<{ items: AlertRuleView[] }>('/api/v1/alert-rules');
  const [byRule, bySeverity] = alertExpressions;
  const none = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, 0]));
  expect(rules.length).toBeGreaterThan(1);
  expect(await evaluate(byRule?.expression, 'alert')).toEqual(none(rules.map(({ rule }) => rule)));
  expect(await evaluate(bySeverity?.expression, 'severity')).toEqual(
    none(rules.map(({ severity }) => severity)),
  );
  const [waiting, attempts] = deliveryExpressions;
  expect((await prometheus.query(waiting?.expression ?? '')).map(({ value }) => value)).toEqual([0]);
  // An increase needs two scrapes.
  await eventually(async () => Object.keys(await evaluate(attempts?.expression, 'outcome')).length === 3, {
    what: 'attempts by outcome',
  });
});

const charted: Readonly<Record<string, (gpu: GpuDetail) => number | null>> = {
  gpu_utilization_ratio: (gpu) => gpu.utilization.gpuRatio,
  gpu_memory_utilization_ratio: (gpu) => gpu.utilization.memoryRatio,
  gpu_memory_used_bytes: (gpu) => gpu.memory.usedBytes,
  gpu_temperature_celsius: (gpu) => gpu.temperature.gpuCelsius,
  gpu_memory_temperature_celsius: (gpu) => gpu.temperature.memoryCelsius,
  gpu_power_watts: (gpu) => gpu.power.drawWatts ?? gpu.power.instantWatts,
  gpu_sm_clock_hertz: (gpu) => gpu.clocks.smHertz,
  gpu_memory_clock_hertz: (gpu) => gpu.clocks.memoryHertz,
  gpu_fan_ratio: (gpu) => gpu.fanRatio,
};

test.each(Object.entries(charted))(
  'the expression of a chart of %s gives the number of that GPU',
  async (metric, value) => {
    for (const each of gpus)
      expect(await evaluate(historyExpression(metric, [each.uuid ?? '']), 'uuid')).toEqual(
        told([each], ({ uuid }) => uuid ?? '', value),
      );
  },
);

test('the stack of a host is found by its id', async () => {
  const [host] = hosts;
  const found = await prometheus.query(selector('gpufleet_host_info', `host_id=${JSON.stringify(host?.id)}`));
  expect(found.map(({ labels }) => labels['host'])).toEqual([host?.hostname]);
});

test('the curl line runs as it is, with the hub’s own authority too', async () => {
  const run = async (target: TestHub, folder: string, hasOwnAuthority: boolean) => {
    const line = curlLine({ origin: target.url, hasOwnAuthority }, `/api/v1/hosts?limit=5&q=it%27s`);
    const text = await mustRun([
      'sh',
      '-c',
      `cd '${folder}' && TOKEN=$1 && ${line}`,
      'sh',
      await target.apiToken(),
    ]);
    return (JSON.parse(text) as Page<HostSummary>).items.map(({ hostname }) => hostname);
  };
  expect(await run(hub, '/', false)).toEqual([`it's "q"`]);
  const secure = await startTestHub(cleanup, { tlsAuto: true });
  expect(await run(secure, join(secure.dataFolder, 'tls'), true)).toEqual([]);
});
