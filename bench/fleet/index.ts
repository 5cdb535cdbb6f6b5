import { loadavg } from 'node:os';
import { join } from 'node:path';
import { Cleanup } from '../../e2e/integration/support/temporary.ts';
import { type BenchCommand, type BenchResult, figure, quantile } from '../bench.ts';
import { cpuSecondsOf, peakBytesOf, residentBytesOf } from '../support/process-figures.ts';
import type { LoadFigures } from './load.ts';
import { delayTimerMillis, type LoopDelay, loopDelay } from './loop-delay.ts';
import {
  gpusPerHost,
  hosts,
  intervalSeconds,
  type PlayedFleet,
  sleep,
  startPlayedFleet,
} from './played-fleet.ts';
import { checkStored, type StoredCheck } from './stored.ts';

const fullMinutes = 10;
const warmUpSeconds = 30;
const sampleEverySeconds = 5;

interface Observed {
  readonly cores: readonly number[];
  readonly residentMebibytes: readonly number[];
  readonly delayMillis: LoopDelay;
  readonly loadAverage: number;
  readonly load: LoadFigures;
}

const mebibytes = (bytes: number): number => bytes / 2 ** 20;

async function observe({ hub, load }: PlayedFleet, seconds: number, scrape: boolean): Promise<Observed> {
  await sleep(warmUpSeconds);
  await loopDelay(hub);
  await load.call('reset');
  const cores: number[] = [];
  const residentMebibytes: number[] = [];
  let cpuSeconds = cpuSecondsOf(hub.pid);
  let at = performance.now();
  for (let passed = 0; passed < seconds; passed += sampleEverySeconds) {
    if (scrape && passed % 15 === 0) await hub.getText('/metrics');
    await sleep(Math.max(0, sampleEverySeconds - (performance.now() - at) / 1000));
    const [cpuNow, now] = [cpuSecondsOf(hub.pid), performance.now()];
    cores.push((cpuNow - cpuSeconds) / ((now - at) / 1000));
    residentMebibytes.push(mebibytes(residentBytesOf(hub.pid)));
    [cpuSeconds, at] = [cpuNow, now];
  }
  return {
    cores,
    residentMebibytes,
    delayMillis: await loopDelay(hub),
    loadAverage: loadavg()[1] ?? Number.NaN,
    load: await load.call('figures'),
  };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, each) => sum + each, 0) / values.length;

/** Mebibytes an hour by which the second half of the samples grows (least squares). */
function growth(residentMebibytes: readonly number[]): number {
  const half = residentMebibytes.slice(Math.floor(residentMebibytes.length / 2));
  const [x, y] = [(half.length - 1) / 2, mean(half)];
  let covariance = 0;
  let variance = 0;
  for (const [i, value] of half.entries()) {
    covariance += (i - x) * (value - y);
    variance += (i - x) ** 2;
  }
  return (covariance / variance) * (3600 / sampleEverySeconds);
}

function refused({ statuses }: LoadFigures): number {
  return Object.entries(statuses).reduce((sum, [status, count]) => sum + (status === '202' ? 0 : count), 0);
}

function resultsOf(observed: Observed, peakBytes: number, stored: StoredCheck): readonly BenchResult[] {
  const { load, cores, residentMebibytes, delayMillis } = observed;
  const [pushed, seen] = [load.pushMillis, load.seenMillis];
  const round = (value: number, digits = 0) => value.toFixed(digits);
  const seconds = cores.length * sampleEverySeconds;
  return [
    figure(
      {
        name: 'fleet/cpu',
        unit: 'cores of the hub',
        bar: 0.6,
        note: `${hosts} hosts of ${gpusPerHost} GPUs at ${intervalSeconds} s for ${seconds} s: ${round(pushed.length / seconds)} pushes/s; load average ${round(observed.loadAverage, 1)}`,
      },
      [mean(cores)],
    ),
    figure(
      {
        name: 'fleet/memory',
        unit: 'MiB resident at most',
        bar: 1024,
        note: `${round(mean(residentMebibytes))} MiB on average; ${round(growth(residentMebibytes))} MiB an hour over the second half`,
      },
      [mebibytes(peakBytes)],
    ),
    figure(
      {
        name: 'fleet/event-loop',
        unit: 'milliseconds of delay at p99',
        bar: 20,
        note: `max ${round(delayMillis.max)} ms; the timer's own ${delayTimerMillis} ms taken off`,
      },
      [delayMillis.p99],
    ),
    figure(
      {
        name: 'fleet/push',
        unit: 'milliseconds until a push is committed and answered, at p99',
        bar: 300,
        note: `p50 ${round(quantile(pushed, 0.5))} ms, max ${round(quantile(pushed, 1))} ms`,
      },
      [quantile(pushed, 0.99)],
    ),
    figure(
      {
        name: 'fleet/stream',
        unit: 'milliseconds until a viewer has a change, at p99',
        bar: 1000,
        note: `p50 ${round(quantile(seen, 0.5))} ms; ${seen.length} of ${pushed.length} reports seen; ${round(load.streamBytes / seconds / 1024)} KiB/s to each viewer`,
      },
      [quantile(seen, 0.99)],
    ),
    figure(
      {
        name: 'fleet/lost',
        unit: 'reports lost, repeated or refused',
        bar: 0,
        note: `${stored.acknowledged} acknowledged, ${stored.stored} in history; ${stored.lost} lost, ${stored.repeated} repeated; statuses ${JSON.stringify(load.statuses)}`,
      },
      [stored.lost + stored.repeated + refused(load)],
    ),
  ];
}

/** 10,000 GPUs on one hub with its pages and one viewer of the stream; loopback only. */
export const fleet: BenchCommand = {
  name: 'fleet',
  async run({ minutes, scrape }) {
    const cleanup = new Cleanup();
    try {
      const played = await startPlayedFleet(cleanup);
      const observed = await observe(played, (minutes ?? fullMinutes) * 60, scrape);
      const peak = peakBytesOf(played.hub.pid);
      const acknowledged = await played.load.call('finish');
      await played.hub.stop();
      const stored = checkStored(join(played.hub.dataFolder, 'history.sqlite'), acknowledged);
      return resultsOf(observed, peak, stored);
    } finally {
      await cleanup.run();
    }
  },
};
