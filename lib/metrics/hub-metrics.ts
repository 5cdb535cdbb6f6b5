import { Counter, collectDefaultMetrics, Gauge, Histogram } from 'prom-client';
import type { HostState, SshHostState } from '../model/index.ts';
import { createOwnRegistry } from './own-registry.ts';
import type { RenderOptions } from './render.ts';

/** What the hub is asked at each scrape of /metrics/hub. A value that cannot be told is null and gives no series. */
export interface HubReadings {
  readonly streamViewers: number;
  readonly hostsByState: Readonly<Partial<Record<HostState, number>>>;
  readonly sshHostsByState: Readonly<Partial<Record<SshHostState, number>>>;
  readonly historyQueuedEntries: number | null;
  readonly historyRawRows: number | null;
  readonly historyForgottenGaps: number | null;
  readonly databaseBytes: Readonly<Record<string, number>>;
  readonly lastCommitTimestampSeconds: number | null;
  readonly alertDeliveriesWaiting: number | null;
}

export interface HubMetrics {
  /** One answered push: its status, how long it took, how large its body was on the wire. */
  notePush(push: { readonly status: number; readonly seconds: number; readonly bodyBytes: number }): void;
  noteReports(reports: { readonly accepted: number; readonly duplicates: number }): void;
  /** One attempt to tell a channel of alerts. */
  noteDelivery(outcome: 'delivered' | 'retried' | 'given-up'): void;
  /** One answered scrape of /metrics. */
  noteScrape(scrape: { readonly seconds: number; readonly bytes: number }): void;
  render(options: RenderOptions): Promise<string>;
}

const prefix = 'gpufleet_hub_';

/** These name gauges like counters, which promtool rightly dislikes, and repeat what their siblings tell by type. */
const misnamed = [
  'nodejs_active_resources_total',
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
];

/** The hub's own metrics; `read` is called at each scrape. */
export function createHubMetrics(
  read: () => HubReadings | Promise<HubReadings>,
  version: string,
): HubMetrics {
  const { registry, render } = createOwnRegistry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix });
  for (const name of misnamed) registry.removeSingleMetric(prefix + name);

  const pushes = new Counter({
    name: `${prefix}pushes_total`,
    help: 'Pushes by the status that they were answered with.',
    labelNames: ['status'],
    registers,
  });
  const pushSeconds = new Histogram({
    name: `${prefix}push_duration_seconds`,
    help: 'From the first byte of a push to its answer, commit included.',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const pushBytes = new Counter({
    name: `${prefix}push_received_bytes_total`,
    help: 'Bytes of push bodies as they came, compressed or not.',
    registers,
  });
  const reports = new Counter({
    name: `${prefix}reports_total`,
    help: 'Reports that came in pushes, new ones and ones that were known already.',
    labelNames: ['outcome'],
    registers,
  });
  const deliveries = new Counter({
    name: `${prefix}alert_deliveries_total`,
    help: 'Attempts to tell a channel of alerts: delivered, to be retried, or given up.',
    labelNames: ['outcome'],
    registers,
  });
  for (const outcome of ['delivered', 'retried', 'given-up']) deliveries.inc({ outcome }, 0);
  const scrapeSeconds = new Histogram({
    name: `${prefix}scrape_duration_seconds`,
    help: 'Time to write /metrics.',
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
    registers,
  });
  const scrapeBytes = new Gauge({
    name: `${prefix}scrape_size_bytes`,
    help: 'Size of the last /metrics, uncompressed.',
    registers,
  });
  new Gauge({
    name: `${prefix}build_info`,
    help: 'Version of the hub; always 1.',
    labelNames: ['version'],
    registers,
  }).set({ version }, 1);
  const refresh = createReadingGauges(registers);

  return {
    notePush({ status, seconds, bodyBytes }) {
      pushes.inc({ status: String(status) });
      pushSeconds.observe(seconds);
      pushBytes.inc(bodyBytes);
    },
    noteReports({ accepted, duplicates }) {
      reports.inc({ outcome: 'accepted' }, accepted);
      reports.inc({ outcome: 'duplicate' }, duplicates);
    },
    noteDelivery: (outcome) => deliveries.inc({ outcome }),
    noteScrape({ seconds, bytes }) {
      scrapeSeconds.observe(seconds);
      scrapeBytes.set(bytes);
    },
    async render(options) {
      refresh(await read());
      return render(options);
    },
  };
}

function createReadingGauges(registers: ConstructorParameters<typeof Gauge>[0]['registers'] & object) {
  const gauge = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Gauge({ name: prefix + name, help, labelNames: [...labelNames], registers });
  const viewers = gauge('stream_viewers', 'Open streams of /api/v1/stream.');
  const hosts = gauge('hosts', 'Hosts by state.', ['state']);
  const sshHosts = gauge(
    'ssh_hosts',
    'Hosts that are to be read over SSH, by state; also those never read.',
    ['state'],
  );
  const queue = gauge('history_queued_entries', 'Reports that wait to be written to history.');
  const rows = gauge('history_raw_rows', 'Raw rows in history.');
  const gaps = gauge(
    'history_forgotten_gaps',
    'Gaps in sequence numbers that were too many to keep: a late report in one counts as a duplicate.',
  );
  const waiting = gauge('alert_deliveries_waiting', 'Notices of alerts that no channel took yet.');
  const database = gauge('database_size_bytes', 'Size of a database file.', ['database']);
  const commit = gauge('history_last_commit_timestamp_seconds', 'Unix time of the last commit to history.');
  const setOrRemove = (target: Gauge, value: number | null) => {
    // reset() gives an unlabelled gauge the value 0, which would be a claim; remove() leaves none.
    if (value === null) target.remove();
    else target.set(value);
  };
  return (readings: HubReadings): void => {
    viewers.set(readings.streamViewers);
    hosts.reset();
    for (const [state, count] of Object.entries(readings.hostsByState)) hosts.set({ state }, count);
    sshHosts.reset();
    for (const [state, count] of Object.entries(readings.sshHostsByState)) sshHosts.set({ state }, count);
    setOrRemove(queue, readings.historyQueuedEntries);
    setOrRemove(rows, readings.historyRawRows);
    setOrRemove(gaps, readings.historyForgottenGaps);
    setOrRemove(commit, readings.lastCommitTimestampSeconds);
    setOrRemove(waiting, readings.alertDeliveriesWaiting);
    database.reset();
    for (const [name, bytes] of Object.entries(readings.databaseBytes))
      database.set({ database: name }, bytes);
  };
}
