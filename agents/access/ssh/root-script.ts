import { randomBytes } from 'node:crypto';
import type { ClientChannel } from 'ssh2';
import { openRoad, type SshTarget } from './connection.ts';
import { openExec } from './sessions.ts';
import { SshError } from './ssh-error.ts';

export interface RootScriptOptions {
  readonly target: SshTarget;
  /** Hosts to go through, the nearest first. */
  readonly jumps?: readonly SshTarget[];
  /** Text of a POSIX shell script; it may hold secrets, since it goes over standard input only. */
  readonly script: string;
  /** From the login to the script's end; then the connection is cut, which hangs up on the script. */
  readonly deadlineSeconds: number;
  /** Of stdout and stderr together. */
  readonly maxOutputBytes: number;
  /** Each line that the script prints, as it comes, cut to 500 characters; never what a login shell printed before. */
  readonly onLine: (line: string) => void;
}

export type RootScriptEnd =
  | { readonly outcome: 'exited'; readonly exitCode: number }
  /** Neither root nor `sudo -n` is to be had; nothing was run. */
  | { readonly outcome: 'no-root'; readonly message: string }
  /** A forced command, or a login shell that is none, did not start our shell; nothing was run. */
  | { readonly outcome: 'no-shell'; readonly message: string }
  | { readonly outcome: 'timeout' | 'too-much-output' | 'cut'; readonly message: string };

const noRootCode = 77;
const longestLine = 500;

/** The shell that reads the script: root's own, else sudo's without a password. Without quotes of its own, for any login shell. */
const startCommand = (nonce: string): string =>
  `exec /bin/sh -c 'echo ${nonce} ; echo ${nonce} >&2 ; [ $(id -u) = 0 ] && exec /bin/sh -s ; sudo -n true >/dev/null 2>&1 && exec sudo -n /bin/sh -s ; exit ${noRootCode}'`;

/** Lines of two outputs in the order they came; an unfinished one at the end counts too. */
function lineReader(onLine: (line: string) => void) {
  let rest = '';
  return {
    take(chunk: string): void {
      const lines = (rest + chunk).split(/\r?\n|\r/);
      rest = (lines.pop() ?? '').slice(-longestLine);
      for (const line of lines) onLine(line.slice(0, longestLine));
    },
    end(): void {
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
}

function follow(
  channel: ClientChannel,
  nonce: string,
  options: RootScriptOptions,
  place: string,
): Promise<RootScriptEnd> {
  return new Promise((resolve) => {
    const isOurs = [false, false];
    let bytes = 0;
    let exitCode: number | null = null;
    const tell =
      (index: number) =>
      (line: string): void => {
        if (line === nonce) isOurs[index] = true;
        else if (isOurs[index] && line.trim() !== '') options.onLine(line);
      };
    const outputs = [lineReader(tell(0)), lineReader(tell(1))] as const;
    const end = (result: RootScriptEnd): void => {
      clearTimeout(timer);
      resolve(result);
      channel.destroy();
    };
    const timer = setTimeout(
      () =>
        end({
          outcome: 'timeout',
          message: `${place}: not finished within ${options.deadlineSeconds} s`,
        }),
      options.deadlineSeconds * 1000,
    );
    for (const [index, stream] of [channel, channel.stderr].entries())
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        bytes += chunk.length;
        if (bytes > options.maxOutputBytes)
          end({ outcome: 'too-much-output', message: `${place}: prints without end` });
        else outputs[index]?.take(chunk);
      });
    channel.on('error', () => {});
    channel.on('exit', (code: number | null) => {
      exitCode = code;
    });
    channel.on('close', () => {
      for (const output of outputs) output.end();
      if (!isOurs[0] && exitCode !== null)
        end({
          outcome: 'no-shell',
          message: `${place}: does not start /bin/sh for us (a forced command in authorized_keys or sshd_config holds the account to its list)`,
        });
      else if (exitCode === null) end({ outcome: 'cut', message: `${place}: the connection was cut` });
      else if (exitCode === noRootCode)
        end({
          outcome: 'no-root',
          message: `${place}: this needs root, or sudo without a password (sudo -n), and the account has neither`,
        });
      else end({ outcome: 'exited', exitCode });
    });
    channel.end(options.script);
  });
}

/**
 * Runs a script as root on a host, over a connection of its own. How it ended is a value; rejects with SshError where no
 * connection came about. Leaves nothing open.
 */
export async function runRootScript(options: RootScriptOptions): Promise<RootScriptEnd> {
  const { target, jumps = [] } = options;
  const place = `${target.user}@${target.host}`;
  const { client, hangUp } = await openRoad([...jumps, target]);
  const nonce = randomBytes(8).toString('hex');
  try {
    const channel = await openExec(client, startCommand(nonce)).catch((error: unknown) => {
      throw new SshError('no-shell', `${place}: no session: ${(error as Error).message}`);
    });
    return await follow(channel, nonce, options, place);
  } finally {
    hangUp();
  }
}
