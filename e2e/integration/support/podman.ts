import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { busyboxRoot, type StartedContainer, unmountBelow } from './docker-engine.ts';
import { mustRun, startProgram } from './programs.ts';
import { type Cleanup, eventually, temporaryFolder } from './temporary.ts';

export interface PodmanService {
  /** Path of its Unix socket. */
  readonly socket: string;
  podman(...args: string[]): Promise<string>;
  /** An image of one static busybox with these variables. */
  createImage(name: string, variables: Readonly<Record<string, string>>): Promise<void>;
  runContainer(name: string, image: string, options?: readonly string[]): Promise<StartedContainer>;
}

export const hasPodman = existsSync('/usr/bin/podman');

/** Podman as root with images and containers in a temporary folder, and its API service; no network is touched. */
export async function startPodman(cleanup: Cleanup): Promise<PodmanService> {
  const folder = temporaryFolder(cleanup, 'podman');
  cleanup.add(() => unmountBelow(folder));
  const socket = join(folder, 'podman.sock');
  const common: [string, ...string[]] = [
    'podman',
    '--runtime',
    '/usr/sbin/runc',
    '--cgroup-manager',
    'cgroupfs',
  ];
  common.push(
    '--root',
    join(folder, 'root'),
    '--runroot',
    join(folder, 'run'),
    '--tmpdir',
    join(folder, 'tmp'),
  );
  common.push('--storage-driver', 'vfs', '--events-backend', 'file');
  const podman = (...args: string[]) => mustRun([...common, ...args]);
  cleanup.add(() => podman('rm', '-f', '-a', '-t', '0').catch(() => undefined));
  const service = startProgram(cleanup, [...common, 'system', 'service', '--time=0', `unix://${socket}`]);
  await eventually(() => existsSync(socket), { seconds: 30, what: `podman's service\n${service.output()}` });
  const rootfs = busyboxRoot(folder);
  return {
    socket,
    podman,
    async createImage(name, variables) {
      const tar = join(folder, 'rootfs.tar');
      await mustRun(['tar', '-C', rootfs, '-cf', tar, '.']);
      const changes = Object.entries(variables).flatMap(([key, value]) => ['-c', `ENV ${key}=${value}`]);
      await podman('import', ...changes, tar, name);
    },
    async runContainer(name, image, options = []) {
      const limits = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'];
      const id = await podman(
        ...['run', '-d', '--network', 'none', ...limits, '--name', name, ...options, image],
        ...['sleep', '3600'],
      );
      return { id, pid: Number(await podman('inspect', '--format', '{{.State.Pid}}', id)) };
    },
  };
}
