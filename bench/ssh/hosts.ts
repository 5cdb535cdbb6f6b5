import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startProgram } from '../../e2e/integration/support/programs.ts';
import { makeKey, type SshServer, startSshServer } from '../../e2e/integration/support/ssh-server.ts';
import type { Cleanup } from '../../e2e/integration/support/temporary.ts';

/** How to reach one played host. */
export interface PlayedSshHost {
  readonly port: number;
  readonly user: string;
  readonly keyFile: string;
  readonly knownHostsFile: string;
}

/** Ends with this process, be it killed: nothing of a bench stays behind. */
export const endsWithUs = ['setpriv', '--pdeathsig', 'TERM', '--'] as const;
const startedAtOnce = 4;

/** Programs that are there to be looked at, as those on the GPUs. */
export const startIdle = (cleanup: Cleanup, count: number): readonly number[] =>
  Array.from({ length: count }, () => startProgram(cleanup, [...endsWithUs, 'sleep', 'infinity']).pid);

/** A real server that takes any number of connections, whose sessions find the played nvidia-smi. */
export async function startPlayedServer(
  cleanup: Cleanup,
  options: {
    readonly folder: string;
    readonly path: string;
    readonly address?: string;
    readonly recording: string;
    /** What each login runs in the place of what it asks for. */
    readonly forced?: string;
    readonly hostKey: string;
  },
): Promise<SshServer> {
  const { folder, path, address = '127.0.0.1', recording, forced, hostKey } = options;
  return startSshServer(cleanup, {
    prefix: seesRecorded(recording),
    hostKey,
    address,
    lines: [
      ...(forced === undefined ? [] : [`ForceCommand ${forced}`]),
      'MaxStartups 2000',
      'PerSourceMaxStartups none',
      'LogLevel INFO',
      // No start-up files of who runs this, which could cost more than all that is measured.
      `SetEnv HOME=${folder} PATH=${path}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
    ],
  });
}

/** What the kernel says on a host with GPUs and this one does not, for a server and its sessions alone. */
function seesRecorded(recording: string): readonly [string, ...string[]] {
  const version = join(recording, 'files/proc/driver/nvidia/version');
  const script = `mount -t tmpfs none /proc/driver && mkdir /proc/driver/nvidia && cp ${version} /proc/driver/nvidia && exec "$@"`;
  return [...endsWithUs, 'unshare', '-m', 'sh', '-c', script, 'sh'];
}

/** Real servers, each with a host key of its own; one key opens all. */
export async function startHosts(
  cleanup: Cleanup,
  options: {
    readonly folder: string;
    readonly count: number;
    readonly path: string;
    readonly recording: string;
  },
): Promise<readonly PlayedSshHost[]> {
  const { folder, count } = options;
  const keyFile = await makeKey(folder);
  const knownHostsFile = join(folder, 'known_hosts');
  const servers: SshServer[] = [];
  let left = count;
  const start = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const server = await startPlayedServer(cleanup, { ...options, hostKey: await makeKey(folder) });
      server.authorize(keyFile);
      servers.push(server);
    }
  };
  await Promise.all(Array.from({ length: startedAtOnce }, start));
  writeFileSync(knownHostsFile, servers.map(({ knownHostsLine }) => `${knownHostsLine}\n`).join(''));
  return servers.map(({ port, user }) => ({ port, user, keyFile, knownHostsFile }));
}
