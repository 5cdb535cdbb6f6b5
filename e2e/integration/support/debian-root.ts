import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './played-agent.ts';
import { runProgram, startProgram } from './programs.ts';
import { type Cleanup, temporaryFolder } from './temporary.ts';

/** A Debian of its own: files and processes apart from this machine's, the network shared. */
export interface DebianRoot {
  /** Where its files are seen from here. */
  readonly path: string;
  /** Pid, here, of its first process. */
  readonly pid: number;
  /** Runs a shell there to its end. */
  shell(
    script: string,
    options?: { readonly input?: string; readonly seconds?: number },
  ): ReturnType<typeof runProgram>;
}

const mirror = 'http://deb.debian.org/debian';
/** Made once a machine: it takes a minute or two. */
const kept = join(tmpdir(), 'gpufleet-test-debian-bookworm');

/** What stands in the way, in words; null when nothing does. */
async function makeKept(): Promise<string | null> {
  if (existsSync(join(kept, 'etc/debian_version'))) return null;
  if (!existsSync('/usr/sbin/debootstrap')) return 'there is no debootstrap (package debootstrap)';
  const building = `${kept}.${process.pid}`;
  rmSync(building, { recursive: true, force: true });
  const command = [
    'debootstrap',
    '--variant=minbase',
    '--include=curl',
    'bookworm',
    building,
    mirror,
  ] as const;
  const { code, stdout } = await runProgram(command, { seconds: 600 });
  if (code !== 0) {
    rmSync(building, { recursive: true, force: true });
    return `debootstrap ended with ${code}: ${stdout.trim().split('\n').slice(-2).join(' / ')}`;
  }
  if (existsSync(kept)) rmSync(building, { recursive: true, force: true });
  else renameSync(building, kept);
  return null;
}

/** A fresh Debian over the kept one, with this checkout at /checkout; a string says what is missing for it. */
export async function startDebianRoot(cleanup: Cleanup): Promise<DebianRoot | string> {
  if (process.getuid?.() !== 0) return 'only root makes a Debian root';
  const missing = await makeKept();
  if (missing !== null) return missing;
  const folder = temporaryFolder(cleanup, 'debian');
  for (const name of ['root', 'disk']) mkdirSync(join(folder, name));
  const path = join(folder, 'root');
  // Its files lie over the kept ones, its processes are its own, and all goes with its first process.
  const setUp = [
    `mount -t tmpfs tmpfs ${folder}/disk`,
    `mkdir ${folder}/disk/upper ${folder}/disk/work`,
    `mount -t overlay overlay -o lowerdir=${kept},upperdir=${folder}/disk/upper,workdir=${folder}/disk/work ${path}`,
    `mount -t proc proc ${path}/proc`,
    `mount -t tmpfs tmpfs ${path}/run`,
    `mount --rbind /dev ${path}/dev`,
    `mkdir ${path}/checkout`,
    `mount --bind ${root} ${path}/checkout`,
    'hostname debian-root',
    'echo ready',
    'exec sleep infinity',
  ].join(' && ');
  const first = startProgram(cleanup, [
    'unshare',
    '--mount',
    '--uts',
    '--pid',
    '--fork',
    '--kill-child',
    'sh',
    '-c',
    setUp,
  ]);
  await first.seen(/^ready$/m, 20);
  const found = await runProgram(['pgrep', '-P', String(first.pid)]);
  const pid = Number(found.stdout.trim());
  return {
    path: `/proc/${pid}/root${path}`,
    pid,
    shell: (script, { input, seconds = 60 } = {}) =>
      runProgram(
        [
          'nsenter',
          `--target=${pid}`,
          '--mount',
          '--uts',
          '--pid',
          'chroot',
          path,
          '/usr/bin/env',
          '-i',
          'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
          'HOME=/root',
          'sh',
          '-c',
          script,
        ],
        { ...(input === undefined ? {} : { input }), seconds },
      ),
  };
}
