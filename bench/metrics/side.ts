import { createHash } from 'node:crypto';
import { createFleetExposition } from '../../lib/metrics/render.ts';
import type { Report } from '../../lib/model/index.ts';
import { answerParent } from '../support/child.ts';
import { playFleet, reportEverySeconds, scrapeEverySeconds, type Update } from './minute.ts';
import { createPromClientSide, type Sink } from './prom-client-side.ts';

export interface MinuteCost {
  readonly cpuMillis: number;
  readonly scrapeMillis: readonly number[];
  /** SHA-256 of each document. */
  readonly documents: readonly string[];
}

let fleet: ReturnType<typeof playFleet> | null = null;
let sink: Sink | null = null;
let lastDocument = '';

function createOurs(): Sink {
  const exposition = createFleetExposition();
  return {
    report(updates) {
      for (const { host } of updates) exposition.update(host);
    },
    async scrape() {
      await exposition.refresh();
      return exposition.render({ openMetrics: false });
    },
  };
}

const millisOf = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1000;

/** What `work` costs this process with all its threads, and its thread alone: the time it takes on a quiet machine. */
async function timed(work: () => unknown): Promise<{ cpuMillis: number; millis: number }> {
  const cpu = process.cpuUsage();
  const thread = process.threadCpuUsage();
  await work();
  return {
    cpuMillis: millisOf(process.cpuUsage(cpu)),
    millis: millisOf(process.threadCpuUsage(thread)),
  };
}

interface Start {
  readonly kind: 'ours' | 'prom-client';
  readonly base: Report;
  readonly wantedSeries: number;
  readonly startMillis: number;
}

export const handlers = {
  start({ kind, base, wantedSeries, startMillis }: Start): { series: number; hosts: number } {
    fleet = playFleet(base, wantedSeries, startMillis);
    const first = fleet.step();
    sink = kind === 'ours' ? createOurs() : createPromClientSide(first);
    sink.report(first);
    const { series, hosts } = fleet;
    return { series, hosts };
  },
  /** A minute's reports and scrapes, without the pauses between them. */
  async minute(): Promise<MinuteCost> {
    const [playing, told] = [fleet, sink];
    if (playing === null || told === null) throw new Error('not started');
    let cpuMillis = 0;
    const scrapeMillis: number[] = [];
    const documents: string[] = [];
    for (let second = reportEverySeconds; second <= 60; second += reportEverySeconds) {
      const updates: readonly Update[] = playing.step();
      globalThis.gc?.();
      cpuMillis += (await timed(() => told.report(updates))).cpuMillis;
      if (second % scrapeEverySeconds !== 0) continue;
      const scrape = await timed(async () => {
        lastDocument = await told.scrape();
      });
      cpuMillis += scrape.cpuMillis;
      scrapeMillis.push(scrape.millis);
      documents.push(createHash('sha256').update(lastDocument).digest('hex'));
    }
    return { cpuMillis, scrapeMillis, documents };
  },
  lastDocument: (): string => lastDocument,
};

if (process.send !== undefined) answerParent(handlers);
