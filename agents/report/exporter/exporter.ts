import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { createAgentMetrics } from '../../../lib/metrics/agent-metrics.ts';
import type { ExposedHost } from '../../../lib/metrics/family.ts';
import {
  createFleetExposition,
  openMetricsContentType,
  textContentType,
} from '../../../lib/metrics/render.ts';
import {
  type AgentStatus,
  currentStack,
  driverVersionOf,
  type Report,
  type ReportingHost,
} from '../../../lib/model/index.ts';

const compress = promisify(gzip);

export interface ExporterOptions {
  readonly host: ReportingHost;
  readonly address: { readonly host: string; readonly port: number };
  readonly status: () => AgentStatus;
  readonly reportsTaken: () => number;
  readonly intervalSeconds: () => number;
}

/** This host's own /metrics, with or without a hub. */
export interface Exporter {
  update(report: Report): void;
  notePush(outcome: number | 'unreachable'): void;
  /** Rejects with what the system says: a port in use, an address that is not here. Gives the port. */
  listen(): Promise<number>;
  close(): Promise<void>;
}

export function createExporter(options: ExporterOptions): Exporter {
  const { host, address } = options;
  const fleet = createFleetExposition();
  const own = createAgentMetrics(
    () => ({
      ...options.status(),
      reportsTaken: options.reportsTaken(),
      intervalSeconds: options.intervalSeconds(),
    }),
    options.status().version,
  );
  let latest: Report | null = null;
  const expose = (): void => {
    if (latest !== null) fleet.update(exposedHost(host, latest, options.status()));
  };
  const render = async (openMetrics: boolean): Promise<string> => {
    expose();
    const text = fleet.render({ openMetrics });
    const rest = await own.render({ openMetrics });
    // OpenMetrics ends a document by `# EOF`: only the last part may keep it.
    return `${openMetrics ? text.replace(/# EOF\n$/, '') : `${text}\n`}${rest}`;
  };
  // In the agent's one file an import would load it for everyone, and most hosts have no exporter.
  const { createServer } = process.getBuiltinModule('node:http');
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    void answer(request, response, render).catch(() => response.destroy());
  });
  server.maxConnections = 100;
  return {
    update(report) {
      latest = report;
    },
    notePush: own.notePush,
    listen: () => listen(server, address),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  render: (openMetrics: boolean) => Promise<string>,
): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://agent');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
  } else if (pathname === '/healthz') {
    response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n');
  } else if (pathname !== '/metrics') {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('this agent serves /metrics\n');
  } else {
    const openMetrics = (request.headers.accept ?? '').includes('application/openmetrics-text');
    const text = Buffer.from(await render(openMetrics));
    const isGzipped = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
    const body = isGzipped ? await compress(text) : text;
    response.writeHead(200, {
      'content-type': openMetrics ? openMetricsContentType : textContentType,
      'content-length': body.length,
      vary: 'accept, accept-encoding',
      ...(isGzipped ? { 'content-encoding': 'gzip' } : {}),
    });
    response.end(body);
  }
}

/** A report that is older than this many intervals says nothing of now: the GPU series go. */
const goneIntervals = 3;

function exposedHost(host: ReportingHost, report: Report, agent: AgentStatus): ExposedHost {
  const ageSeconds = (Date.now() - Date.parse(report.takenAt)) / 1000;
  const gone = ageSeconds > goneIntervals * report.intervalSeconds;
  const isSeen = report.condition === 'ok' || report.condition === 'starting';
  const state =
    report.condition === 'no-devices' || report.condition === 'no-nvidia-smi' ? 'no-gpus' : report.condition;
  const stack = currentStack(report);
  const lost = report.gpus.some((gpu) => gpu.state === 'lost');
  return {
    id: host.id,
    hostname: host.hostname,
    group: host.labels['group'] ?? report.gpus[0]?.name ?? 'no GPU',
    labels: Object.entries(host.labels).map(([key, value]) => ({ key, value })),
    state: gone ? 'gone' : lost && isSeen ? 'gpu-lost' : state,
    // As the hub has it: a driver that does not answer has no numbers of now.
    current: !gone && (isSeen || state === 'no-gpus'),
    lastReportAt: report.takenAt,
    clockOffsetSeconds: null,
    driverVersion: driverVersionOf(stack),
    stack,
    agent,
    gpus: report.gpus,
    containers: report.containers,
    owners: report.owners ?? [],
    sources: report.sources,
    pciGpus: report.pciGpus ?? null,
    faultCounts: report.faults ?? null,
    problems: report.problems,
    doctor: report.doctor ?? null,
  };
}
