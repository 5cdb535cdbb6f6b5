import type { AccessLevel } from '../../lib/model/index.ts';

export interface AccessWords {
  readonly level: AccessLevel;
  readonly name: string;
  /** What the agent reads at this level. */
  readonly reads: string;
  /** What it costs to give it. */
  readonly costs: string;
}

/** The three levels of access, each with all of the one before; install.sh and docs/agent.md say the same. */
export const accessWords: readonly [AccessWords, AccessWords, AccessWords] = [
  {
    level: 'gpu',
    name: 'GPUs only',
    reads:
      'nvidia-smi, the driver’s own files, the kernel’s log of the driver, and of processes what /proc shows to everyone: user, cgroup, and arguments with secrets masked. Containers appear by their id, and say why they have no name.',
    costs: 'A user of its own without rights.',
  },
  {
    level: 'containers',
    name: 'GPUs and container names',
    reads:
      'Names, images, labels and state of containers, why those that failed ended, and of their environment the variables that say which GPUs and which CUDA they want. A proxy passes just the GETs that tell this to Docker, and of the answers just this.',
    costs:
      'The proxy, a process of its own without network, is in the group docker; being in it is being root.',
  },
  {
    level: 'processes',
    name: 'All that, and loaded libraries',
    reads:
      '/proc/PID/maps of processes on a GPU, and the CUDA folders below /proc/PID/root: which CUDA and driver libraries a container really has loaded, and whether a compat package is in use.',
    costs:
      'The capability CAP_SYS_PTRACE, with which an agent that was taken over could read other processes’ memory.',
  },
];

/** The level that would tell more; null when there is none, or when nothing is known of this one. */
export function nextAccess(level: AccessLevel | null | undefined): AccessWords | null {
  const at = accessWords.findIndex((words) => words.level === level);
  return at < 0 ? null : (accessWords[at + 1] ?? null);
}
