import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun, startProgram } from './programs.ts';
import { type Cleanup, eventually, temporaryFolder } from './temporary.ts';

export interface StartedContainer {
  readonly id: string;
  /** Of its first process, in the host's numbering. */
  readonly pid: number;
}

export interface DockerEngine {
  /** Path of its Unix socket. */
  readonly socket: string;
  docker(...args: string[]): Promise<string>;
  /** An image of one static busybox with these variables. */
  createImage(name: string, variables: Readonly<Record<string, string>>): Promise<void>;
  runContainer(name: string, image: string, options?: readonly string[]): Promise<StartedContainer>;
}

export async function unmountBelow(folder: string): Promise<void> {
  const mounted = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`));
  // Deepest first: a mount below another is busy until it is gone.
  for (const path of mounted.sort().reverse()) await mustRun(['umount', '-l', path]).catch(() => undefined);
}

/** A file system of one static busybox. */
export function busyboxRoot(folder: string): string {
  const rootfs = join(folder, 'rootfs');
  mkdirSync(join(rootfs, 'bin'), { recursive: true });
  copyFileSync('/bin/busybox', join(rootfs, 'bin', 'busybox'));
  for (const name of ['sh', 'sleep'])
    if (!existsSync(join(rootfs, 'bin', name))) symlinkSync('busybox', join(rootfs, 'bin', name));
  return rootfs;
}

/** What NVIDIA's toolkit installs, as far as Docker looks: then it takes `--gpus`, and tells of it in inspect. */
function gpuHook(folder: string): string {
  const programs = join(folder, 'programs');
  mkdirSync(programs);
  writeFileSync(join(programs, 'nvidia-container-runtime-hook'), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  return `${programs}:${process.env['PATH'] ?? '/usr/bin:/usr/sbin'}`;
}

/** A Docker Engine of its own: socket, images and containers in a temporary folder; no network is touched. */
export async function startDockerEngine(cleanup: Cleanup, { takesGpus = false } = {}): Promise<DockerEngine> {
  const folder = temporaryFolder(cleanup, 'docker');
  cleanup.add(() => unmountBelow(folder));
  const socket = join(folder, 'docker.sock');
  const command: [string, ...string[]] = [
    '/usr/sbin/dockerd',
    '--iptables=false',
    '--bridge=none',
    '-H',
    `unix://${socket}`,
    '--data-root',
    join(folder, 'data'),
    '--exec-root',
    join(folder, 'exec'),
    '-p',
    join(folder, 'pid'),
  ];
  const engine = takesGpus
    ? startProgram(cleanup, [...command, '--add-runtime', 'nvidia=/usr/sbin/runc'], {
        env: { PATH: gpuHook(folder) },
      })
    : startProgram(cleanup, command);
  const docker = (...args: string[]) => mustRun(['docker', '-H', `unix://${socket}`, ...args]);
  await eventually(() => docker('version', '--format', '{{.Server.Version}}'), {
    seconds: 60,
    everySeconds: 0.3,
    what: `dockerd\n${engine.output()}`,
  });
  cleanup.add(async () => {
    const ids = (await docker('ps', '-aq').catch(() => '')).split('\n').filter((id) => id !== '');
    if (ids.length > 0) await docker('rm', '-f', ...ids).catch(() => undefined);
  });

  const rootfs = busyboxRoot(folder);
  return {
    socket,
    docker,
    async createImage(name, variables) {
      const tar = join(folder, 'rootfs.tar');
      await mustRun(['tar', '-C', rootfs, '-cf', tar, '.']);
      const changes = Object.entries(variables).flatMap(([key, value]) => ['-c', `ENV ${key}="${value}"`]);
      await docker('import', ...changes, tar, name);
    },
    async runContainer(name, image, options = []) {
      const id = await docker(
        'run',
        '-d',
        '--network',
        'none',
        '--name',
        name,
        ...options,
        image,
        'sleep',
        '3600',
      );
      const pid = Number(await docker('inspect', '--format', '{{.State.Pid}}', id));
      return { id, pid };
    },
  };
}
