import { type BenchCommand, type BenchResult, figure } from '../bench.ts';
import { startChild } from '../support/child.ts';
import type { CompatSide } from './side.ts';

const rounds = 5;
/** As the hub starts itself (bin/lean-heap.ts). */
const lean = ['--max-old-space-size=1900', '--max-semi-space-size=16'];
const note = '2,000 images of 500 kinds by 1,250 hosts of 60 kinds, from nothing in each round';

/** Every image on every host, then single reports as they come in. CPU and not time, so that a busy machine counts less. */
export const compat: BenchCommand = {
  name: 'compat',
  async run(): Promise<readonly BenchResult[]> {
    const child = startChild<CompatSide>(new URL('side.ts', import.meta.url), lean);
    try {
      const filled = await child.call('fill');
      const first = await child.call('judgeAll');
      const peak = await child.call('peak');
      const matrix = [first];
      while (matrix.length < rounds) matrix.push(await child.call('judgeAll'));
      const { costs, verdicts } = await child.call('reports');
      return [
        figure({ name: 'compat', unit: 'ms of CPU for 2,500,000 verdicts', bar: 1000, note }, matrix),
        figure({ name: 'compat-memory', unit: 'MiB resident beyond the fleet itself', bar: 200 }, [
          peak - filled,
        ]),
        figure(
          { name: 'compat-report-verdicts', unit: 'verdicts for a new report of four containers', bar: 4 },
          verdicts,
        ),
        figure({ name: 'compat-report', unit: 'microseconds for a new report', bar: 1000 }, costs),
      ];
    } finally {
      await child.stop();
    }
  },
};
