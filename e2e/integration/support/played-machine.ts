import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startProgram } from './programs.ts';
import { type Cleanup, temporaryFolder } from './temporary.ts';

export interface PlayedMachine {
  /** The words that run a command there. */
  readonly prefix: readonly [string, ...string[]];
  /** Takes a device off its PCI bus: a GPU that falls off. */
  unplug(busId: string): void;
  /** The same, on a machine that is this one in all but its boot, as a clone is. */
  clone(bootId: string): readonly [string, ...string[]];
}

export interface PlayedMachineOptions {
  readonly name: string;
  /** Socket of a Docker Engine, seen there where Docker's own lies; without one there is no Docker. */
  readonly dockerSocket?: string;
  /** Files that only this machine has: below /etc, /proc/driver and /sys/bus/pci/devices. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Folders that are the machine's own; of /etc only what differs. */
const ownFolders = ['/proc/driver', '/sys/bus/pci/devices'] as const;

/**
 * A name, a driver, a PCI bus and a Docker socket of its own; processes, network and all other files are
 * this machine's. Needs root.
 */
export async function startPlayedMachine(
  cleanup: Cleanup,
  { name, dockerSocket, files = {} }: PlayedMachineOptions,
): Promise<PlayedMachine> {
  const folder = temporaryFolder(cleanup, 'machine');
  for (const each of [...ownFolders, '/etc']) mkdirSync(join(folder, 'files', each), { recursive: true });
  mkdirSync(join(folder, 'upper'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, 'files', path)), { recursive: true });
    writeFileSync(join(folder, 'files', path), text);
  }
  const setUp = [
    `mount -t tmpfs tmpfs ${folder}/upper`,
    `mkdir ${folder}/upper/etc ${folder}/upper/work`,
    `mount -t overlay overlay -o lowerdir=${folder}/files/etc:/etc,upperdir=${folder}/upper/etc,workdir=${folder}/upper/work /etc`,
    ...ownFolders.map((each) => `mount --bind ${folder}/files${each} ${each}`),
    'mount -t tmpfs tmpfs /run',
    'mkdir -p /run/sshd',
    ...(dockerSocket === undefined
      ? []
      : ['touch /run/docker.sock', `mount --bind ${dockerSocket} /run/docker.sock`]),
    `hostname ${name}`,
    'echo ready',
    'exec sleep infinity',
  ].join(' && ');
  const first = startProgram(cleanup, ['unshare', '--mount', '--uts', 'sh', '-c', setUp]);
  await first.seen(/^ready$/m, 60);
  const prefix = ['nsenter', `--target=${first.pid}`, '--mount', '--uts', '--'] as const;
  return {
    prefix: [...prefix],
    unplug: (busId) => rmSync(join(folder, 'files/sys/bus/pci/devices', busId), { recursive: true }),
    clone(bootId) {
      const file = join(folder, `boot-${bootId}`);
      writeFileSync(file, `${bootId}\n`);
      const bound = 'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"';
      return [...prefix, 'unshare', '--mount', 'sh', '-c', bound, file];
    },
  };
}
