import { createIndex, findItems } from '../app/search/find.ts';
import { fleetItems } from '../app/search/items.ts';
import type { HostSummary } from '../lib/model/index.ts';
import type { Bench } from './bench.ts';

const hosts = 1250;
const gpusPerHost = 8;
/** Everything that is typed on the way to these. */
const queries = ['gpu-1249 gpu 7', 'rack=r12 h100', 'driver 580.159', 'trainign', 'nowhere-at-all'];

function host(number: number): HostSummary {
  const hostname = `gpu-${String(number).padStart(4, '0')}`;
  return {
    id: `4b1c9e2a-3f60-4d7e-9a51-${String(number).padStart(12, '0')}`,
    hostname,
    group: number % 3 === 0 ? 'training' : 'inference',
    labels: [
      { key: 'rack', value: `r${Math.floor(number / 8)}`, source: 'agent' },
      { key: 'zone', value: `z${number % 4}`, source: 'agent' },
    ],
    state: 'ok',
    stateReason: '',
    stateSince: '2026-01-01T00:00:00.000Z',
    lastReportAt: null,
    intervalSeconds: 5,
    current: true,
    maintenance: null,
    driverVersion: number % 20 === 0 ? '570.86.15' : '580.159.03',
    cudaVersion: '13.0',
    containerCount: 0,
    gpus: Array.from({ length: gpusPerHost }, (_, index) => ({
      uuid: `GPU-${String(number).padStart(8, '0')}-0000-4000-8000-${String(index).padStart(12, '0')}`,
      index,
      name: 'NVIDIA H100 80GB HBM3',
      state: 'ok' as const,
      utilizationRatio: 0.5,
      memoryUsedBytes: 1,
      memoryTotalBytes: 2,
      temperatureCelsius: 50,
      powerWatts: 300,
      powerLimitWatts: 700,
      throttleReasons: null,
      migDevices: [],
      processCount: 1,
      faults: [],
    })),
  };
}

/**
 * The slowest keystroke of some searches over 10,000 GPUs, beside painting; the bar is a frame at 60 a second. CPU and
 * not time, so that a busy machine does not count.
 */
export const search: Bench = {
  name: 'search',
  unit: 'ms of CPU, slowest keystroke',
  rounds: 9,
  bar: 1000 / 60,
  async start() {
    const index = createIndex(fleetItems(Array.from({ length: hosts }, (_, at) => host(at))));
    const texts = queries.flatMap((query) => Array.from(query, (_, at) => query.slice(0, at + 1)));
    const run = async () => {
      let slowest = 0;
      for (const text of texts) {
        const started = process.threadCpuUsage();
        findItems(index, text);
        const { user, system } = process.threadCpuUsage(started);
        slowest = Math.max(slowest, (user + system) / 1000);
      }
      return slowest;
    };
    await run();
    return { ours: run, reference: null, async stop() {} };
  },
};
