import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { type Child, startChild } from '../support/child.ts';
import { enrolPlayedHosts } from '../support/enrolled.ts';
import { recordedReport } from '../support/played-host.ts';
import type { handlers as loadHandlers } from './load.ts';
import { buildNextApp } from './next-app.ts';
import type { Round } from './round.ts';
import type { handlers as sideHandlers } from './side.ts';
import type { SideKind } from './sides.ts';

const hosts = 1000;
const perSecond = 200;
const pushesPerRound = 400;
const warmUpPushes = 2000;
/** After the last answer, for what the hub still does for a round. */
const settleMillis = 500;

type Loader = Child<typeof loadHandlers>;

interface SideProcess {
  readonly child: Child<typeof sideHandlers>;
  /** CPU of the side's process for a round, in microseconds a push. */
  run(round: Round): Promise<number>;
}

async function startSideProcess(kind: SideKind, folder: string, load: Loader): Promise<SideProcess> {
  const dataFolder = join(folder, kind);
  const credentials = await enrolPlayedHosts(dataFolder, hosts);
  const child = startChild<typeof sideHandlers>(new URL('./side.ts', import.meta.url), ['--expose-gc']);
  const url = await child.call('start', { kind, dataFolder });
  if (url === null)
    return { child, run: async (round) => (await child.call('runShared', round)) / round.pushes };
  await load.call('aim', { url, credentials });
  return {
    child,
    async run(round) {
      await load.call('prepare', { url, round });
      await child.call('begin');
      await load.call('send');
      await new Promise((resolve) => setTimeout(resolve, settleMillis));
      return (await child.call('cpuSinceBegin')) / round.pushes;
    },
  };
}

/** A thousand hosts of eight GPUs at 5 s: parsed, validated, stored and shown; what the road there costs. */
export const push: Bench = {
  name: 'push',
  unit: 'microseconds of CPU a push beyond the shared work',
  rounds: 21,
  bar: 4,
  async start() {
    await buildNextApp();
    const base = await recordedReport();
    const folder = mkdtempSync(join(tmpdir(), 'gpufleet-bench-'));
    const load: Loader = startChild(new URL('./load.ts', import.meta.url));
    const stops: (() => Promise<void>)[] = [() => load.stop()];
    const round = { base, hosts, perSecond, pushes: pushesPerRound };
    const sides: SideProcess[] = [];
    const stop = async () => {
      for (const each of stops) await each();
      rmSync(folder, { recursive: true, force: true });
    };
    try {
      for (const kind of ['shared', 'plain', 'next'] as const) {
        const side = await startSideProcess(kind, folder, load);
        stops.push(() => side.child.stop());
        await side.run({ ...round, pushes: warmUpPushes });
        sides.push(side);
      }
    } catch (error) {
      await stop();
      throw error;
    }
    const [shared, plain, next] = sides as [SideProcess, SideProcess, SideProcess];
    return {
      ours: () => plain.run(round),
      reference: { what: 'behind a Next.js route handler', run: () => next.run(round) },
      beyond: { what: 'parsing, validating, storing and updating', run: () => shared.run(round) },
      stop,
    };
  },
};
