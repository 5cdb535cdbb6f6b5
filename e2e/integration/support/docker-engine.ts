import { randomUUID } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
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
  /** An image of one static busybox with these variables, and with empty files at these paths. */
  createImage(
    name: string,
    variables: Readonly<Record<string, string>>,
    files?: readonly string[],
  ): Promise<void>;
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
function gpuHook(folder: string, script: string): string {
  const programs = join(folder, 'programs');
  mkdirSync(programs);
  writeFileSync(join(programs, 'nvidia-container-runtime-hook'), script, { mode: 0o755 });
  return `${programs}:${process.env['PATH'] ?? '/usr/bin:/usr/sbin'}`;
}

export interface DockerEngineOptions {
  readonly takesGpus?: boolean;
  /** The script that runs where `--gpus` is asked for; it lets every container start unless told. */
  readonly hook?: string;
  /** Beside runc, where it takes GPUs; each is runc. */
  readonly runtimes?: readonly string[];
}

/** A Docker Engine of its own: socket, images and containers in a temporary folder; no network is touched. */
export async function startDockerEngine(
  cleanup: Cleanup,
  { takesGpus = false, hook = '#!/bin/sh\nexit 0\n', runtimes = ['nvidia'] }: DockerEngineOptions = {},
): Promise<DockerEngine> {
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
    ? startProgram(
        cleanup,
        [...command, ...runtimes.flatMap((name) => ['--add-runtime', `${name}=/usr/sbin/runc`])],
        { env: { PATH: gpuHook(folder, hook) } },
      )
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
    async createImage(name, variables, files = []) {
      const tar = join(folder, 'rootfs.tar');
      await mustRun(['tar', '-C', rootfs, '-cf', tar, '.']);
      if (files.length > 0) {
        const added = join(folder, `added-${randomUUID()}`);
        for (const file of files) {
          mkdirSync(join(added, dirname(file)), { recursive: true });
          writeFileSync(join(added, file), '');
        }
        await mustRun(['tar', '-C', added, '-rf', tar, ...readdirSync(added)]);
      }
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
