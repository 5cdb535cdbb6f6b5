import { type BenchCommand, compared } from '../bench.ts';
import { type Child, startChild } from '../support/child.ts';
import { recordedReport } from '../support/played-host.ts';
import type { handlers } from './side.ts';

const wantedSeries = 80_000;
const rounds = 7;
const reference = 'prom-client with the same series';

type Side = Child<typeof handlers>;

const startSide = (): Side => startChild(new URL('./side.ts', import.meta.url), ['--expose-gc']);

async function firstDifference(ours: Side, theirs: Side): Promise<string> {
  const own = (await ours.call('lastDocument')).split('\n');
  const other = (await theirs.call('lastDocument')).split('\n');
  const at = own.findIndex((line, i) => line !== other[i]);
  return `the documents differ at line ${at + 1}: "${own[at]}", prom-client "${other[at]}"`;
}

/** 80,000 series. Time is compressed: a minute's reports and scrapes run without the pauses between them. */
export const metrics: BenchCommand = {
  name: 'metrics',
  async run() {
    const common = { base: await recordedReport(), wantedSeries, startMillis: Date.now() };
    const [ours, theirs] = [startSide(), startSide()];
    const cpu = { ours: [] as number[], theirs: [] as number[] };
    const scrape = { ours: [] as number[], theirs: [] as number[] };
    try {
      const { series, hosts } = await ours.call('start', { kind: 'ours', ...common });
      await theirs.call('start', { kind: 'prom-client', ...common });
      // The first minute warms both up.
      for (let round = 0; round <= rounds; round++) {
        const own = await ours.call('minute');
        const other = await theirs.call('minute');
        if (own.documents.join() !== other.documents.join())
          throw new Error(await firstDifference(ours, theirs));
        if (round === 0) continue;
        cpu.ours.push(own.cpuMillis);
        cpu.theirs.push(other.cpuMillis);
        scrape.ours.push(...own.scrapeMillis);
        scrape.theirs.push(...other.scrapeMillis);
      }
      const note = `${series} series of ${hosts} hosts at 5 s, scraped every 15 s; every document the same, byte for byte`;
      const unit = 'milliseconds of CPU a minute';
      return [
        compared({ name: 'metrics/cpu', unit, bar: 2, note }, cpu.ours, {
          what: reference,
          values: cpu.theirs,
        }),
        compared({ name: 'metrics/scrape', unit: 'milliseconds a scrape', bar: 5 }, scrape.ours, {
          what: reference,
          values: scrape.theirs,
        }),
      ];
    } finally {
      await Promise.all([ours.stop(), theirs.stop()]);
    }
  },
};
