import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PlayedSmi } from './played-smi.ts';

/** Programs besides nvidia-smi that a host must have. */
const others = [
  // Each address is a host of its own name.
  `'uname -n') say; a=\${SSH_CONNECTION% *}; echo "host-\${a##* }" ;;`,
  `'id -u') say; echo 0 ;;`,
  // The kernel says nothing.
  `'cat /dev/kmsg') say; wait_for_end ;;`,
];

/**
 * A login that plays a host: it takes what the hub writes to its helper, and answers without starting the programs that a
 * real helper starts to watch over them, of which hundreds of hosts on one machine would have thousands.
 * @returns the program that sshd is to run for each session (ForceCommand)
 */
export function writePlayedLogin(folder: string, { cases }: PlayedSmi): string {
  const path = join(folder, 'login');
  const played = cases.map(({ words, saidFile, pipe }) =>
    pipe === null
      ? `'nvidia-smi ${words}') say; exec cat ${saidFile} ;;`
      : `'nvidia-smi ${words}') p=${pipe}.$$; mkfifo $p && say && cat $p & wait_for_end; kill $! ;;`,
  );
  writeFileSync(
    path,
    `#!/bin/sh
case $SSH_ORIGINAL_COMMAND in *sftp*) exec /usr/lib/openssh/sftp-server ;; esac
say() { echo "$n $$"; echo "$n" >&2; }
wait_for_end() { while read -r w; do :; done; }
read -r n && read -r b && read -r c || exit 1
set --
while [ $c -gt 0 ]; do IFS= read -r w || exit 1; set -- "$@" "$w"; c=$((c-1)); done
case $* in
${[...others, ...played].join('\n')}
*) echo "$n absent"; exit 1 ;;
esac
`,
    { mode: 0o755 },
  );
  return path;
}
