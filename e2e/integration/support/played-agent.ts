import { chownSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ControlInput } from '../../../agents/access/simulated/player/control.ts';
import { type InstalledPlayer, writePlayer } from '../../../agents/access/simulated/player/install.ts';
import { type RunningProgram, startProgram } from './programs.ts';
import { type Cleanup, temporaryFolder } from './temporary.ts';
import type { TestHub } from './test-hub.ts';

export const root = new URL('../../..', import.meta.url).pathname;
export const gpufleet = [process.execPath, join(root, 'bin', 'gpufleet.js')] as const;

/** Folder of a recorded host of ours. */
export function recordedHost(name: string): string {
  return join(root, 'agents', 'access', 'simulated', 'hosts', name);
}

export interface PlayedAgent {
  readonly program: RunningProgram;
  readonly player: InstalledPlayer;
  /** Also the value of its label `played`, by which the hub's list finds it. */
  readonly name: string;
}

export interface PlayedAgentOptions {
  readonly name: string;
  readonly control: ControlInput;
  readonly dockerSocket?: string;
  readonly intervalSeconds?: number;
  /** Where it reports to, when that is not the hub itself. */
  readonly hubUrl?: string;
  readonly options?: readonly string[];
  /** One that has been used before; a fresh one unless told. */
  readonly stateFolder?: string;
  /** Whom it runs as; who runs the tests unless told. */
  readonly uid?: number;
  /** Words before its command, which lead to another machine. */
  readonly prefix?: readonly [string, ...string[]];
  /** Version that its nvidia-ctk prints; unless told the machine has none. */
  readonly toolkitVersion?: string;
}

/** The folder with all that is in it. */
function giveTo(uid: number, folder: string): void {
  for (const name of ['', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })])
    chownSync(join(folder, name), uid, uid);
}

/** A PATH on which nvidia-ctk is of that version. */
function pathWithToolkit(folder: string, version: string): string {
  mkdirSync(folder);
  const says = `NVIDIA Container Toolkit CLI version ${version}`;
  writeFileSync(join(folder, 'nvidia-ctk'), `#!/bin/sh\necho '${says}'\n`, { mode: 0o755 });
  return `${folder}:${process.env['PATH'] ?? '/usr/bin:/bin'}`;
}

/** The real agent on a machine whose nvidia-smi is the player. */
export async function startPlayedAgent(
  cleanup: Cleanup,
  hub: TestHub,
  options: PlayedAgentOptions,
): Promise<PlayedAgent> {
  const folder = temporaryFolder(cleanup, 'agent');
  const player = await writePlayer(join(folder, 'player'), options.control);
  mkdirSync(join(folder, 'home'));
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, await hub.enrollmentToken(), { mode: 0o600 });
  if (options.uid !== undefined) giveTo(options.uid, folder);
  const docker =
    options.dockerSocket === undefined ? ['--no-docker'] : ['--docker-socket', options.dockerSocket];
  const start = options.prefix === undefined ? gpufleet : ([...options.prefix, ...gpufleet] as const);
  const program = startProgram(
    cleanup,
    [
      ...start,
      'agent',
      '--hub',
      options.hubUrl ?? hub.url,
      '--token-file',
      tokenFile,
      '--nvidia-smi',
      player.nvidiaSmi,
      '--state-dir',
      options.stateFolder ?? join(folder, 'state'),
      '--interval',
      `${options.intervalSeconds ?? 1}s`,
      '--label',
      `played=${options.name}`,
      ...docker,
      ...(options.options ?? []),
    ],
    {
      env: {
        HOME: join(folder, 'home'),
        ...(options.toolkitVersion === undefined
          ? {}
          : { PATH: pathWithToolkit(join(folder, 'programs'), options.toolkitVersion) }),
      },
      ...(options.uid === undefined ? {} : { uid: options.uid }),
    },
  );
  return { program, player, name: options.name };
}
