import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Cleanup, eventually } from './temporary.ts';

/** Hierarchies of cgroup v1 in which a process is moved; the unified one where that is all there is. */
const hierarchies = ['pids', 'freezer', 'devices', 'systemd'].map((name) => `/sys/fs/cgroup/${name}`);
const roots = hierarchies.filter((path) => existsSync(path));

/** Folders from the first that is not there yet, so that just those are removed again. */
function makeFolders(cleanup: Cleanup, path: string): void {
  if (existsSync(path)) return;
  makeFolders(cleanup, dirname(path));
  mkdirSync(path);
  // Busy until the process in it is gone.
  cleanup.add(() =>
    eventually(
      () => {
        rmdirSync(path);
        return true;
      },
      { seconds: 5, what: path },
    ),
  );
}

/** A real process that sleeps in real cgroups of this path, as a runtime or Slurm would put it; gives its pid. */
export async function startHeldProcess(cleanup: Cleanup, path: string, uid = 0): Promise<number> {
  const folders = (roots.length > 0 ? roots : ['/sys/fs/cgroup']).map((root) => join(root, path));
  for (const folder of folders) makeFolders(cleanup, folder);
  const child = spawn('sleep', ['3600'], { stdio: 'ignore', uid, gid: uid });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  cleanup.add(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const pid = child.pid ?? 0;
  for (const folder of folders) writeFileSync(join(folder, 'cgroup.procs'), String(pid));
  return pid;
}
