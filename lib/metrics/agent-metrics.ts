import { Counter, collectDefaultMetrics, Gauge } from 'prom-client';
import { createOwnRegistry } from './own-registry.ts';
import type { RenderOptions } from './render.ts';

/** What the agent is asked at each scrape of its own /metrics. */
export interface AgentReadings {
  readonly spooledReports: number;
  readonly spooledBytes: number;
  readonly droppedReports: number;
  readonly reportsTaken: number;
  readonly intervalSeconds: number;
}

export interface AgentMetrics {
  /** One try to push: the hub's status, or `unreachable`. */
  notePush(outcome: number | 'unreachable'): void;
  render(options: RenderOptions): Promise<string>;
}

const prefix = 'gpufleet_agent_';

/**
 * The agent's own metrics. Import this file only where the agent listens: prom-client is memory that an agent which
 * only pushes does not need.
 */
export function createAgentMetrics(read: () => AgentReadings, version: string): AgentMetrics {
  const { registry, render } = createOwnRegistry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix });
  for (const name of ['resources', 'handles', 'requests'])
    registry.removeSingleMetric(`${prefix}nodejs_active_${name}_total`);
  const gauge = (name: string, help: string, value: (readings: AgentReadings) => number) =>
    new Gauge({
      name: prefix + name,
      help,
      registers,
      collect() {
        this.set(value(read()));
      },
    });
  gauge('spooled_reports', 'Reports that wait for the hub.', (readings) => readings.spooledReports);
  gauge('spooled_bytes', 'Disk space of the reports that wait.', (readings) => readings.spooledBytes);
  gauge(
    'interval_seconds',
    'Time between two readings, as the hub wants it.',
    (readings) => readings.intervalSeconds,
  );
  const count = (name: string, help: string, value: (readings: AgentReadings) => number) =>
    new Counter({
      name: prefix + name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(value(read()));
      },
    });
  count(
    'dropped_reports_total',
    'Reports dropped because the spool was full.',
    (readings) => readings.droppedReports,
  );
  count('reports_total', 'Readings taken.', (readings) => readings.reportsTaken);
  const pushes = new Counter({
    name: `${prefix}pushes_total`,
    help: 'Tries to push, by the status of the answer.',
    labelNames: ['status'],
    registers,
  });
  new Gauge({
    name: `${prefix}build_info`,
    help: 'Version of the agent; always 1.',
    labelNames: ['version'],
    registers,
  }).set({ version }, 1);
  return {
    notePush: (outcome) => pushes.inc({ status: String(outcome) }),
    render,
  };
}
