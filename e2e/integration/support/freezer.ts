import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from './programs.ts';
import { type Cleanup, eventually, temporaryFolder } from './temporary.ts';

/** Puts processes into uninterruptible sleep for real: state D, deaf to SIGKILL until they are thawed. */
export interface Freezer {
  freeze(pid: number): Promise<void>;
  thaw(): Promise<void>;
}

/** The version 1 freezer of control groups, as it is mounted or by a mount of our own; null where it cannot be had. */
async function freezerFolder(cleanup: Cleanup): Promise<string | null> {
  const mounted = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .find(([, , type, options]) => type === 'cgroup' && options?.split(',').includes('freezer'));
  if (mounted?.[1] !== undefined) return mounted[1];
  const folder = temporaryFolder(cleanup, 'freezer');
  const { code } = await runProgram(['mount', '-t', 'cgroup', '-o', 'freezer', 'none', folder]);
  if (code !== 0) return null;
  cleanup.add(() => runProgram(['umount', folder]));
  return folder;
}

/** Null, with a line that says so, where the kernel or the user does not allow it. */
export async function openFreezer(cleanup: Cleanup): Promise<Freezer | null> {
  const parent = await freezerFolder(cleanup).catch(() => null);
  if (parent === null) return null;
  const group = join(parent, `gpufleet-${process.pid}`);
  try {
    mkdirSync(group);
  } catch {
    return null;
  }
  const state = join(group, 'freezer.state');
  const thaw = async (): Promise<void> => {
    writeFileSync(state, 'THAWED');
    await eventually(() => readFileSync(state, 'utf8').trim() === 'THAWED');
  };
  cleanup.add(async () => {
    await thaw();
    await eventually(
      () => {
        for (const pid of readFileSync(join(group, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean))
          process.kill(Number(pid), 'SIGKILL');
        rmdirSync(group);
        return true;
      },
      { what: 'the frozen processes to end' },
    );
  });
  return {
    async freeze(pid) {
      writeFileSync(join(group, 'cgroup.procs'), String(pid));
      writeFileSync(state, 'FROZEN');
      await eventually(() => readFileSync(state, 'utf8').trim() === 'FROZEN', {
        what: `${pid} to be frozen`,
      });
    },
    thaw,
  };
}
