import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ownRecording, ownRecordingNames } from '../../agents/access/simulated/own-recordings.ts';
import { type SimulatedAgent, startSimulatedAgent } from '../../agents/access/simulated/simulated-agent.ts';
import type { HostSummary, Page } from '../../lib/model/index.ts';
import { type Dashboard, dashboards } from './fixtures/dashboards.ts';
import { root } from './support/played-agent.ts';
import { runProgram } from './support/programs.ts';
import { type PrometheusServer, startPrometheus } from './support/prometheus-server.ts';
import { Cleanup, eventually } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
const agents: SimulatedAgent[] = [];
afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()));
  await cleanup.run();
});

const hostCount = 12;
let hub: TestHub;
let prometheus: PrometheusServer;

beforeAll(async () => {
  hub = await startTestHub(cleanup, { options: ['--interval', '1s'] });
  const token = await hub.enrollmentToken();
  for (let at = 0; at < hostCount; at += 1) {
    const recording = await ownRecording(ownRecordingNames[at % ownRecordingNames.length] ?? 'h100x8');
    agents.push(
      startSimulatedAgent({
        recording,
        hostname: `gpu-${at + 1}`,
        ...(at === 0 ? { settings: { fault: { kind: 'xid', xid: 31, gpu: 1 } } } : {}),
        intervalSeconds: 1,
        hubUrl: hub.url,
        trust: { kind: 'system' },
        readToken: () => token,
        stateFolder: null,
        log: () => undefined,
      }),
    );
  }
  await eventually(
    async () =>
      (await hub.getJson<Page<HostSummary>>('/api/v1/hosts?limit=100')).items.filter(
        ({ state }) => state === 'ok',
      ).length === hostCount,
    { seconds: 60, what: 'twelve hosts' },
  );
  const jobs = (['gpufleet', 'dcgm', 'dcgm49', 'nvidia_smi'] as const).map(
    (dialect) => `
  - job_name: ${dialect}
    honor_labels: true
    metrics_path: /metrics
    params: { dialect: [${dialect}] }
    static_configs: [{ targets: ["127.0.0.1:${hub.port}"] }]`,
  );
  prometheus = await startPrometheus(
    cleanup,
    `global: { scrape_interval: 1s }\nscrape_configs:${jobs.join('')}\n`,
  );
  await eventually(async () => (await prometheus.query('count(up == 1)'))[0]?.value === 4, {
    what: 'every scrape',
  });
  // Rates need several samples.
  await eventually(
    async () =>
      (await prometheus.query('min(count_over_time(nvidia_smi_energy_joules_total[20s]))'))[0]!.value >= 4,
    { seconds: 30, what: 'a few samples' },
  );
});

const valuesOf = async (metric: string, label: string): Promise<readonly string[]> =>
  (await prometheus.query(`count by (${label}) (${metric})`)).map(({ labels }) => labels[label] ?? '').sort();

/** What stands for a variable: everything for those that choose several, each in turn for those that choose one. */
async function fillings({ dialect, hosts }: Dashboard): Promise<readonly ((query: string) => string)[]> {
  if (dialect !== 'nvidia_smi') return [(query) => query.replaceAll('$host', '.*').replaceAll('$gpu', '.*')];
  const found = await prometheus.query(`max by (instance, uuid) (nvidia_smi_gpu_info{job="nvidia_smi"})`);
  const [job] = await valuesOf(hosts.metric, 'job');
  return found.map(
    ({ labels: { instance = '', uuid = '' } }) =>
      (query) =>
        query
          .replaceAll('$job', job ?? '')
          .replaceAll('$node', instance)
          .replaceAll('$gpu', uuid),
  );
}

/** Panels of which no query gives anything for any host and GPU. */
async function emptyPanels(dashboard: Dashboard): Promise<readonly string[]> {
  const ways = await fillings(dashboard);
  expect(ways.length).toBeGreaterThan(0);
  const empty: string[] = [];
  for (const [panel, ...queries] of dashboard.panels) {
    let isShown = false;
    for (const fill of ways) {
      for (const query of queries) if ((await prometheus.query(fill(query))).length > 0) isShown = true;
      if (isShown) break;
    }
    if (!isShown) empty.push(panel);
  }
  return empty;
}

describe('dashboards that people have', () => {
  /** docs/prometheus.md gives the reasons. */
  const unfed: Readonly<Record<string, readonly string[]>> = {
    '12239': ['GPU Utilization', 'Tensor Core Utilization'],
    '12239 (as first published)': ['Tensor Core Utilization'],
    '14574': ['MIG SM Activity', 'MIG Tensor Activity'],
    '25547': ['MIG SM Activity'],
  };

  test.each(dashboards)(
    '$name: its variables choose every host, and only the listed panels stay empty',
    async (dashboard) => {
      const { metric, label } = dashboard.hosts;
      const names = Array.from({ length: hostCount }, (_, at) => `gpu-${at + 1}`).sort();
      expect(await valuesOf(`${metric}{job="${dashboard.dialect}"}`, label)).toEqual(names);
      expect(await emptyPanels(dashboard)).toEqual(unfed[dashboard.name]);
    },
  );

  test('each panel that stays empty is in the docs, with its reason', () => {
    const docs = readFileSync(join(root, 'docs', 'prometheus.md'), 'utf8');
    for (const panels of Object.values(unfed))
      for (const panel of panels)
        expect(docs).toMatch(new RegExp(`^\\| [^|]+ \\| [^|]*${panel}[^|]*\\| [^|]{10,} \\|$`, 'm'));
  });

  test('units: the two dialects of DCGM say the same in theirs', async () => {
    for (const [old, now, factor] of [
      ['DCGM_FI_DEV_GPU_UTIL', 'DCGM_FI_DEV_GPU_UTIL_RATIO', 100],
      ['DCGM_FI_DEV_SM_CLOCK', 'DCGM_FI_DEV_SM_CLOCK_HERTZ', 1e-6],
      ['DCGM_FI_DEV_FB_USED', 'DCGM_FI_DEV_FB_USED_BYTES', 1 / 1024 ** 2],
    ] as const) {
      const [low, high] = await Promise.all([
        prometheus.query(`avg(avg_over_time(${old}[20s]))`),
        prometheus.query(`avg(avg_over_time(${now}[20s])) * ${factor}`),
      ]);
      expect(low[0]!.value / high[0]!.value).toBeGreaterThan(0.8);
      expect(low[0]!.value / high[0]!.value).toBeLessThan(1.25);
    }
  });
});

describe('promtool check metrics', () => {
  /** Each finding once, however many series it is about. */
  const lint = async (dialect: string): Promise<readonly string[]> => {
    const input = await hub.getText(`/metrics?dialect=${dialect}`);
    const { stdout, stderr } = await runProgram(['promtool', 'check', 'metrics'], { input });
    return [...new Set(`${stdout}${stderr}`.split('\n').filter((line) => line !== ''))].sort();
  };
  const typesOf = async (dialect: string): Promise<readonly (readonly [name: string, type: string])[]> =>
    [...(await hub.getText(`/metrics?dialect=${dialect}`)).matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(
      ([, name = '', type = '']) => [name, type] as const,
    );

  test('is silent about our own names', async () => {
    expect(await lint('gpufleet')).toEqual([]);
  });

  /** What it says of the originals, whose names are in capitals, whose labels are `modelName` and `Hostname`. */
  test.each(['dcgm', 'dcgm49'])('says of %s what it says of its original', async (dialect) => {
    const expected = (await typesOf(dialect)).flatMap(([name, type]) => [
      `${name} label names should be written in 'snake_case' not 'camelCase'`,
      ...(type === 'counter' ? [`${name} counter metrics should have "_total" suffix`] : []),
      ...(name.endsWith('_COUNTER') ? [`${name} metric name should not include type 'counter'`] : []),
    ]);
    expect(expected.length).toBeGreaterThan(25);
    expect(await lint(dialect)).toEqual([...expected].sort());
  });

  test('says of nvidia_smi what it says of its original, which calls totals gauges', async () => {
    const totals = ['corrected', 'uncorrected'].flatMap((kind) =>
      ['aggregate', 'volatile'].map(
        (scope) =>
          `nvidia_smi_ecc_errors_${kind}_${scope}_total non-counter metrics should not have "_total" suffix`,
      ),
    );
    const counts = ['double_bit', 'single_bit_ecc'].map(
      (kind) =>
        `nvidia_smi_retired_pages_${kind}_count non-histogram and non-summary metrics should not have "_count" suffix`,
    );
    expect(await lint('nvidia_smi')).toEqual([...totals, ...counts].sort());
  });

  test('a dialect that is none is refused, and none is OpenMetrics', async () => {
    expect((await hub.get('/metrics?dialect=nothing')).status).toBe(400);
    const answer = await hub.get('/metrics?dialect=dcgm', {
      accept: 'application/openmetrics-text;version=1.0.0',
    });
    expect(answer.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(answer.body).not.toContain('# EOF');
  });
});

describe('dashboards of our own', () => {
  const folder = join(root, 'deploy', 'grafana');
  interface Own {
    readonly title: string;
    readonly panels: readonly {
      readonly title: string;
      readonly targets: readonly { readonly expr: string }[];
    }[];
    readonly templating: {
      readonly list: readonly { readonly type: string; readonly definition?: string }[];
    };
  }
  /** What shows nothing while nothing is wrong, or before an hour is over. */
  const quiet = [
    'What fires',
    'Drift',
    'Uncorrectable memory errors',
    'Collecting fails',
    'Xids in the last hour',
    'Clocks held down',
  ];

  test.each(readdirSync(folder).filter((name) => name.endsWith('.json')))(
    '%s shows each of its panels',
    async (name) => {
      const dashboard = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Own;
      const empty: string[] = [];
      for (const { title, targets } of dashboard.panels) {
        let isShown = false;
        for (const { expr } of targets)
          for (const host of name.includes('fleet.') ? ['.*'] : ['gpu-1', 'gpu-2', 'gpu-5']) {
            const query = expr.replaceAll('$host', host).replaceAll('$gpu', '.*').replaceAll('[1h]', '[20s]');
            if ((await prometheus.query(query)).length > 0) isShown = true;
          }
        if (!isShown) empty.push(title);
      }
      expect(empty.filter((title) => !quiet.includes(title))).toEqual([]);
    },
  );
});
