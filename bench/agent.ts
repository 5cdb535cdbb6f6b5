import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePlayer } from '../agents/access/simulated/player/install.ts';
import { recordedHost } from '../e2e/integration/support/played-agent.ts';
import { startProgram } from '../e2e/integration/support/programs.ts';
import { Cleanup, eventually, temporaryFolder } from '../e2e/integration/support/temporary.ts';
import { startTestHub } from '../e2e/integration/support/test-hub.ts';
import { ensureBuilt, root } from '../scripts/ensure-built.ts';
import { type BenchCommand, figure } from './bench.ts';
import { residentBytesOf, threadSecondsOf } from './support/process-figures.ts';

const fullMinutes = 3;
const settleSeconds = 45;

const sleep = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** The agent as it is installed, beside a played nvidia-smi with eight GPUs, reporting to a hub every 5 s. */
async function startAgent(cleanup: Cleanup): Promise<number> {
  await ensureBuilt();
  const hub = await startTestHub(cleanup);
  const folder = temporaryFolder(cleanup, 'agent');
  mkdirSync(join(folder, 'home'));
  const player = await writePlayer(join(folder, 'player'), { recording: recordedHost('h100x8') });
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, await hub.enrollmentToken(), { mode: 0o600 });
  const program = startProgram(
    cleanup,
    [
      process.execPath,
      join(root, 'dist', 'agent', 'gpufleet-agent.mjs'),
      ...['--hub', hub.url, '--token-file', tokenFile, '--interval', '5s', '--no-docker'],
      ...['--nvidia-smi', player.nvidiaSmi, '--state-dir', join(folder, 'state')],
    ],
    { env: { HOME: join(folder, 'home') } },
  );
  await eventually(async () => (await hub.getText('/metrics')).includes('gpufleet_gpu_up{'), {
    seconds: 60,
    what: `the agent's first report\n${program.output()}`,
  });
  return program.pid;
}

/** What the agent takes from the machine that it watches. */
export const agent: BenchCommand = {
  name: 'agent',
  async run({ minutes }) {
    const cleanup = new Cleanup();
    try {
      const pid = await startAgent(cleanup);
      await sleep(settleSeconds);
      const cpuMillis: number[] = [];
      const mebibytes: number[] = [];
      for (let minute = 0; minute < (minutes ?? fullMinutes); minute++) {
        const before = threadSecondsOf(pid);
        await sleep(60);
        cpuMillis.push((threadSecondsOf(pid) - before) * 1000);
        mebibytes.push(residentBytesOf(pid) / 2 ** 20);
      }
      const note = 'eight GPUs at 5 s, from the bundle';
      return [
        figure({ name: 'agent/cpu', unit: 'milliseconds of CPU a minute', bar: 150, note }, cpuMillis),
        figure({ name: 'agent/memory', unit: 'MiB resident', bar: 80, note }, mebibytes),
      ];
    } finally {
      await cleanup.run();
    }
  },
};
