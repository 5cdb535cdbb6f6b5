import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { busyboxRoot, unmountBelow } from './docker-engine.ts';
import { mustRun, startProgram } from './programs.ts';
import { type Cleanup, eventually, temporaryFolder } from './temporary.ts';

export interface ContainerdEngine {
  /** Path of its Unix socket. */
  readonly socket: string;
  /** In Kubernetes' namespace. */
  ctr(...args: string[]): Promise<string>;
  /** Runs two sleeps under that id; gives the pid of the first, in the host's numbering. */
  run(id: string, options?: readonly string[]): Promise<number>;
}

/** A test's machine may not let a process be spared by the OOM killer, as a kubelet's sandboxes are. */
const configuration = `version = 2
[plugins."io.containerd.grpc.v1.cri"]
  restrict_oom_score_adj = true
`;

/** A containerd of its own, without Docker, in a temporary folder. */
export async function startContainerd(cleanup: Cleanup): Promise<ContainerdEngine> {
  const folder = temporaryFolder(cleanup, 'containerd');
  cleanup.add(() => unmountBelow(folder));
  const socket = join(folder, 'containerd.sock');
  const config = join(folder, 'config.toml');
  writeFileSync(config, configuration);
  const engine = startProgram(cleanup, [
    'containerd',
    ...['--config', config],
    ...['--root', join(folder, 'root'), '--state', join(folder, 'state'), '--address', socket],
  ]);
  const ctr = (...args: string[]) => mustRun(['ctr', '-a', socket, '-n', 'k8s.io', ...args]);
  await eventually(() => ctr('version'), {
    seconds: 30,
    everySeconds: 0.3,
    what: `containerd\n${engine.output()}`,
  });
  const rootfs = busyboxRoot(folder);
  const ids: string[] = [];
  cleanup.add(async () => {
    for (const id of ids) await ctr('tasks', 'rm', '-f', id).catch(() => undefined);
  });
  return {
    socket,
    ctr,
    async run(id, options = []) {
      ids.push(id);
      await ctr('run', '-d', ...options, '--rootfs', rootfs, id, '/bin/sleep', '3600');
      const tasks = await ctr('tasks', 'ls');
      const [, pid] = new RegExp(`^${id}\\s+(\\d+)`, 'm').exec(tasks) ?? [];
      if (pid === undefined) throw new Error(`ctr lists no task ${id}:\n${tasks}`);
      return Number(pid);
    },
  };
}
