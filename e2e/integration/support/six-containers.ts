import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ControlInput } from '../../../agents/access/simulated/player/control.ts';
import { type DockerEngine, startDockerEngine } from './docker-engine.ts';
import { recordedHost } from './played-agent.ts';
import { type Cleanup, temporaryFolder } from './temporary.ts';

type Played = NonNullable<ControlInput['processes']>[number];

/** What the containers were started with, which GPU they use, and how much: MiB and percent, by process. */
export const sixPlans: Readonly<
  Record<string, { options: string[]; gpu: number; uses: [number, number | null][]; gi?: number }>
> = {
  trainer: {
    options: ['--gpus', 'device=0', '--label', 'gpufleet.owner=ana'],
    gpu: 0,
    uses: [
      [10_000, 40],
      [2000, 10],
    ],
  },
  notebook: {
    options: ['--gpus', 'all', '-v', '/home/ben/work:/work'],
    gpu: 0,
    uses: [
      [3000, null],
      [500, 5],
    ],
  },
  idle: { options: ['--gpus', 'device=0'], gpu: 0, uses: [] },
  slice: {
    options: ['--runtime', 'nvidia', '-e', 'NVIDIA_VISIBLE_DEVICES=1:0'],
    ...{
      gpu: 1,
      uses: [
        [4000, null],
        [100, null],
      ],
      gi: 2,
    },
  },
  worker: {
    options: ['--runtime', 'nvidia', '-e', 'NVIDIA_VISIBLE_DEVICES=0'],
    gpu: 0,
    uses: [
      [700, 1],
      [300, 2],
    ],
  },
  stray: {
    options: ['-u', '4242'],
    gpu: 0,
    uses: [
      [50, 3],
      [60, 4],
    ],
  },
};
/** A real Docker Engine with six containers over two GPUs, one of them cut into MIG instances. */
export interface SixContainers {
  readonly engine: DockerEngine;
  /** By the name that each was started under. */
  readonly ids: Readonly<Record<string, string>>;
  /** Of its two processes, in the host's numbering. */
  pidsOf(id: string): Promise<number[]>;
  /** What nvidia-smi tells of those that run now. */
  processes(): Promise<Played[]>;
  control(): Promise<ControlInput>;
}

/** The first GPU of a recorded host and its last, which is cut into MIG instances. */
function writeTwoGpus(folder: string): string {
  const xml = readFileSync(join(recordedHost('h100x8-mig'), 'commands', 'nvidia-smi-q-x.xml'), 'utf8');
  const [head = '', ...gpus] = xml.split(/(?=<gpu id=)/);
  const path = join(folder, 'two.xml');
  writeFileSync(path, `${head}${gpus[0]}${gpus.at(-1)}`);
  return path;
}

export async function startSixContainers(cleanup: Cleanup): Promise<SixContainers> {
  const xml = writeTwoGpus(temporaryFolder(cleanup, 'two-gpus'));
  const engine = await startDockerEngine(cleanup, { takesGpus: true });
  await engine.createImage('example/busy:1', { CUDA_VERSION: '12.4.1', SECRET_KEY: 'hunter2' });
  const image = ['example/busy:1', 'sh', '-c', 'sleep 3600 & sleep 3600; : --token hunter2'];
  const ids: Record<string, string> = {};
  for (const [name, { options }] of Object.entries(sixPlans))
    ids[name] = await engine.docker('run', '-d', '--network', 'none', '--name', name, ...options, ...image);
  const pidsOf = async (id: string): Promise<number[]> => {
    const listed = await engine.docker('top', id, '-eo', 'pid,comm');
    return [...listed.matchAll(/^\s*(\d+)\s+sleep/gm)].map(([, pid]) => Number(pid));
  };
  const processes = async (): Promise<Played[]> => {
    const all = Object.entries(sixPlans).map(async ([name, { gpu, uses, gi = null }]): Promise<Played[]> => {
      const pids = uses.length === 0 ? [] : await pidsOf(ids[name] ?? name).catch(() => []);
      return pids.slice(0, uses.length).map((pid, at) => ({
        ...{ gpu, pid, name: 'python', gpuInstanceId: gi, computeInstanceId: gi === null ? null : 0 },
        ...{ usedMemoryMiB: uses[at]?.[0] ?? null, smPercent: uses[at]?.[1] ?? null },
      }));
    });
    return (await Promise.all(all)).flat();
  };
  const control = async () => ({ xml, motion: false, processes: await processes() });
  return { engine, ids, pidsOf, processes, control };
}
