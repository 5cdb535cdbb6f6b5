import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { askAgent } from '../../agents/report/control/client.ts';
import { startProgram } from '../../e2e/integration/support/programs.ts';
import { type Cleanup, eventually } from '../../e2e/integration/support/temporary.ts';
import { longestPauseSeconds } from '../../lib/model/index.ts';
import { root } from '../../scripts/ensure-built.ts';
import {
  childrenSecondsOf,
  privateBytesOf,
  residentBytesOf,
  threadSecondsOf,
} from '../support/process-figures.ts';
import { writeQuickPlayer } from './quick-player.ts';
import type { Sink } from './sink.ts';

export interface WatchedAgent {
  /** Since it began: seconds of CPU of the agent itself, and of it with all that it started. */
  seconds(): { readonly own: number; readonly withChildren: number };
  /** Paused it starts no nvidia-smi and holds none. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  memory(): { readonly residentBytes: number; readonly privateBytes: number };
  readonly name: string;
}

export interface WatchedAgentOptions {
  readonly name: string;
  readonly intervalSeconds: number;
  /** False forks nvidia-smi for each sample. */
  readonly hold: boolean;
  readonly folder: string;
  readonly recording: string;
  readonly dockerSocket: string;
  /** Real processes that the played GPUs are used by. */
  readonly pids: readonly number[];
  readonly sink: Sink;
}

/** The agent as it is installed, with a played nvidia-smi of its own; resolves after its first push. */
export async function startWatchedAgent(
  cleanup: Cleanup,
  options: WatchedAgentOptions,
): Promise<WatchedAgent> {
  const { name, sink } = options;
  const folder = join(options.folder, name);
  mkdirSync(join(folder, 'home'), { recursive: true });
  const processes = options.pids.map((pid, gpu) => ({ gpu, pid, name: 'python', usedMemoryMiB: 40_000 }));
  const player = await writeQuickPlayer(join(folder, 'player'), { recording: options.recording, processes });
  cleanup.add(player.stop);
  const state = join(folder, 'state');
  const program = startProgram(
    cleanup,
    [
      process.execPath,
      join(root, 'dist', 'agent', 'gpufleet-agent.mjs'),
      ...['--hub', `${sink.url}/${name}`, '--token', `gfa_${'b'.repeat(43)}`],
      ...['--interval', `${options.intervalSeconds}s`, '--docker-socket', options.dockerSocket],
      ...['--nvidia-smi', player.nvidiaSmi, '--state-dir', state],
      ...(options.hold ? [] : ['--no-hold']),
    ],
    { env: { HOME: join(folder, 'home') } },
  );
  await eventually(() => sink.reports(name) > 0, {
    seconds: 60,
    what: `a push of ${name}\n${program.output()}`,
  });
  const { pid } = program;
  return {
    name,
    seconds() {
      const own = threadSecondsOf(pid);
      return { own, withChildren: own + childrenSecondsOf(pid) };
    },
    async pause() {
      await askAgent([state], { do: 'pause', forSeconds: longestPauseSeconds, by: null, reason: null });
    },
    async resume() {
      await askAgent([state], { do: 'resume' });
    },
    memory: () => ({ residentBytes: residentBytesOf(pid), privateBytes: privateBytesOf(pid) }),
  };
}
