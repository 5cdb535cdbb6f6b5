import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePlayer } from '../../../agents/access/simulated/player/install.ts';
import type { DebianRoot } from './debian-root.ts';
import { recordedHost } from './played-agent.ts';

/**
 * A GPU host behind an sshd of this machine: what reads it finds a played nvidia-smi, and what would change the machine
 * (an installer, which asks for root) goes into a Debian of its own; without one it is refused.
 * @returns the program that sshd is to run for each login (ForceCommand)
 */
export async function playedSshHost(
  folder: string,
  debian: DebianRoot | null,
  recording = 't4-cloud',
): Promise<string> {
  const { nvidiaSmi } = await writePlayer(join(folder, 'bin'), { recording: recordedHost(recording) });
  if (debian !== null)
    writeFileSync(
      join(debian.path, 'usr/bin/nvidia-smi'),
      '#!/bin/sh\nexec /checkout/node_modules/node/bin/node /checkout/bin/nvidia-smi-player.js --player /etc/player.json "$@"\n',
      { mode: 0o755 },
    );
  if (debian !== null)
    writeFileSync(
      join(debian.path, 'etc/player.json'),
      JSON.stringify({ recording: `/checkout/agents/access/simulated/hosts/${recording}` }),
    );
  const login = join(folder, 'login');
  const there =
    debian === null
      ? 'exit 1'
      : `exec nsenter --target=${debian.pid} --mount --uts --pid chroot ${debian.path.slice(`/proc/${debian.pid}/root`.length)} /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root sh -c "$SSH_ORIGINAL_COMMAND"`;
  writeFileSync(
    login,
    [
      '#!/bin/sh',
      `case $SSH_ORIGINAL_COMMAND in *sudo*) ${there} ;; esac`,
      `PATH=${nvidiaSmi.slice(0, nvidiaSmi.lastIndexOf('/'))}:$PATH; export PATH`,
      'exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"',
    ].join('\n'),
    { mode: 0o755 },
  );
  return login;
}
