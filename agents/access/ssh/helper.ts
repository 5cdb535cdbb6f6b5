/** Of who watches. It kills a second after it asked: a shell that is just starting the program loses a TERM. */
const endAll = 'trap "" TERM; kill -TERM 0; sleep 1; kill -KILL 0';

/**
 * What runs on the host around every program: one fixed line of POSIX shell, the same for all, so that a site can see
 * and hold to it. What to run comes on its stdin, a word a line, and is never part of a command line.
 *
 * It holds no newline, quote (') or backslash, and an exclamation mark only before a space, so that bash, dash, fish and csh all hand it on as it is.
 * It ends the program, and all that it started, when its stdin ends or nothing comes for so many seconds (half as long
 * again at most: one `sleep` in half that time is all that watching costs the host). sshd gives each
 * session a process group of its own, so signals to group 0 reach that session only.
 */
const helper = [
  'LC_ALL=C; export LC_ALL; PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; e=',
  'read -r n || exit 1; read -r b || exit 1; read -r c || exit 1; set --',
  'while [ $c -gt 0 ]; do IFS= read -r w || exit 1; set -- "$@" "$w"; c=$((c-1)); done',
  'say() { echo "$n $1"; echo "$n" >&2; }',
  'case $1 in */*) [ -e "$1" ] || { say absent; exit 1; }; [ -f "$1" ] && [ -x "$1" ] || { say forbidden; exit 1; };; *) command -v "$1" >/dev/null || { say absent; exit 1; };; esac',
  'trap "e=1" TERM; exec 3<&0',
  '( read -r p q </proc/self/stat; say $p; exec 3<&-; exec "$@" ) </dev/null & c=$! ',
  `( trap "a=1" USR1; exec 3<&-; i=0; while [ $i -lt 2 ]; do a=; sleep $(( (b + 1) / 2 )); i=$((i+1)); [ -z "$a" ] || i=0; done; ${endAll} ) </dev/null >/dev/null 2>&1 & s=$! `,
  `( while read -r w; do kill -USR1 $s; done; ${endAll} ) <&3 >/dev/null 2>&1 & w=`,
  'exec 3<&- </dev/null 2>/dev/null; wait $c; r=$?',
  'if [ -n "$e" ]; then ( sleep 1; kill -KILL 0 ) & wait $c; kill -KILL 0; fi',
  'kill -TERM 0; exit $r',
].join('; ');

/** The one command that is ever asked of a host, besides sftp. */
export const helperCommand = `exec /bin/sh -c '${helper}' gpufleet`;

/** Silence after which the helper ends what it runs; we write three times as often. */
export const defaultHeartbeatSeconds = 30;

/**
 * What to write first: a word that marks the start of its output, the seconds of silence, and the command.
 * @returns null where a word has a newline or a NUL, which no command of ours has
 */
export function helperInput(
  nonce: string,
  heartbeatSeconds: number,
  command: readonly string[],
): string | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly those two end a word too early
  if (command.some((word) => /[\n\u0000]/.test(word))) return null;
  return `${[nonce, heartbeatSeconds, command.length, ...command].join('\n')}\n`;
}
