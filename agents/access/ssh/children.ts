import { randomBytes } from 'node:crypto';
import { PassThrough, type Readable } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { deferred } from '../../deferred.ts';
import { type Child, type ChildEnd, type Children, settlesWithin } from '../local/children.ts';
import { helperCommand, helperInput } from './helper.ts';
import type { Sessions } from './sessions.ts';
import { shellEnd } from './shell-end.ts';
import { SshError } from './ssh-error.ts';

/** The helper's own second between SIGTERM and SIGKILL, and some for the way there and back. */
const endSeconds = 4;
/** What a login shell may print before our helper speaks. */
const mostNoiseBytes = 64 * 1024;
const startSeconds = 10;

export interface SshChildrenOptions {
  readonly sessions: Sessions;
  readonly heartbeatSeconds: number;
}

export interface SshChildren extends Children {
  /** A login printed text before our helper spoke. */
  readonly isNoisy: boolean;
}

/** Programs on the far side, each in a session of its own, behind the same port as local ones. */
export function createSshChildren({ sessions, heartbeatSeconds }: SshChildrenOptions): SshChildren {
  const open = new Set<Child>();
  const hung = new Map<string, Set<number>>();
  let closed = false;
  let isNoisy = false;
  return {
    start(command) {
      const [program] = command;
      if (closed) return notStarted('ECANCELED', `${program}: not started, this access is closed`);
      const stuck = hung.get(program) ?? new Set<number>();
      if (stuck.size > 0) return null;
      const remote = new Remote(command, {
        sessions,
        heartbeatSeconds,
        onHung: (pid) => hung.set(program, stuck.add(pid)),
        onGone: (pid) => stuck.delete(pid),
        onNoise: () => {
          isNoisy = true;
        },
      });
      open.add(remote);
      void remote.ended.then(() => open.delete(remote));
      return remote;
    },
    describeHung: (program) =>
      `${program}: process ${[...(hung.get(program) ?? [])].join(', ')} of the host does not end, not even by SIGKILL; no other is started beside it`,
    async endAll() {
      closed = true;
      await Promise.all([...open].map((each) => each.end()));
    },
    get isNoisy() {
      return isNoisy;
    },
    get running() {
      return open.size;
    },
    stuckPids: () => [...hung.values()].flatMap((pids) => [...pids]),
  };
}

interface RemoteOptions extends SshChildrenOptions {
  readonly onHung: (pid: number) => void;
  readonly onGone: (pid: number) => void;
  readonly onNoise: () => void;
}

function notStarted(code: string, message: string): Child {
  const ended = Promise.resolve<ChildEnd>({ kind: 'not-started', code, message });
  return { stdout: null, stderr: null, ended, end: async () => {}, sweep: () => {} };
}

/** On one line, for a message. */
function quoted(text: string): string {
  const line = text.replace(/[^\x20-\x7e]+/g, ' ').trim();
  return line === '' ? '' : `; it says: ${line}`;
}

class Remote implements Child {
  readonly stdout = new PassThrough({ highWaterMark: 64 * 1024 });
  readonly stderr = new PassThrough({ highWaterMark: 64 * 1024 });
  readonly ended: Promise<ChildEnd>;
  readonly #settle: (end: ChildEnd) => void;
  readonly #options: RemoteOptions;
  readonly #program: string;
  readonly #nonce = randomBytes(8).toString('hex');
  #channel: ClientChannel | null = null;
  #word: string | null = null;
  /** The last of what came in place of our helper's word. */
  #said = '';
  #beat: NodeJS.Timeout | undefined;
  #ending: Promise<void> | null = null;
  #isEnding = false;
  #hasExited = false;

  constructor(command: readonly [string, ...string[]], options: RemoteOptions) {
    const { promise, resolve } = deferred<ChildEnd>();
    this.ended = promise;
    this.#settle = resolve;
    this.#options = options;
    this.#program = command[0];
    for (const pipe of [this.stdout, this.stderr]) pipe.on('error', () => {});
    const input = helperInput(this.#nonce, options.heartbeatSeconds, command);
    if (input === null) this.#fail('EINVAL', `${this.#program}: a word of the command has a line end in it`);
    else void this.#open(input);
  }

  end(): Promise<void> {
    this.#ending ??= this.#endNow();
    return this.#ending;
  }

  sweep(): void {
    this.#channel?.close();
    this.#closePipes();
  }

  async #open(input: string): Promise<void> {
    try {
      const channel = await this.#options.sessions.exec(helperCommand, () => this.#isEnding);
      this.#attach(channel, input);
    } catch (error) {
      if (this.#isEnding && this.#options.sessions.isGone)
        this.#finish({ kind: 'exited', exitCode: null, signal: 'SIGTERM' });
      else if (this.#isEnding) this.#noSession();
      else if (error instanceof SshError && error.condition === 'cut')
        this.#finish({ kind: 'cut', message: error.message });
      else this.#fail('ENOSESSION', error instanceof Error ? error.message : String(error));
    }
  }

  #attach(channel: ClientChannel, input: string): void {
    this.#channel = channel;
    let exitCode: number | null = null;
    channel.on('error', () => {});
    channel.on('exit', (code: number | null) => {
      this.#hasExited = true;
      exitCode = code;
    });
    channel.on('close', () => this.#closed(exitCode));
    const silence = setTimeout(() => channel.close(), startSeconds * 1000);
    channel.once('close', () => clearTimeout(silence));
    this.#afterMarker(channel, this.stdout, (word) => {
      clearTimeout(silence);
      this.#word = word;
    });
    this.#afterMarker(channel.stderr, this.stderr, () => {});
    channel.write(input);
    const everyMillis = (this.#options.heartbeatSeconds * 1000) / 3;
    this.#beat = setInterval(() => channel.write('\n'), everyMillis);
    if (this.#isEnding) {
      clearInterval(this.#beat);
      channel.end();
    }
  }

  /** Throws away what came before the line that starts with our nonce; the rest goes on to `to`. */
  #afterMarker(from: Readable, to: PassThrough, onMarker: (word: string) => void): void {
    let before: Buffer | null = Buffer.alloc(0);
    let isGivenUp = false;
    from.on('data', (chunk: Buffer) => {
      // A server may go on sending after we closed.
      if (isGivenUp) return;
      if (before === null) {
        if (!to.destroyed && !to.write(chunk)) {
          from.pause();
          to.once('drain', () => from.resume());
          to.once('close', () => from.resume());
        }
        return;
      }
      before = Buffer.concat([before, chunk]);
      const at = before.indexOf(this.#nonce);
      const end = at < 0 ? -1 : before.indexOf(10, at);
      if (end >= 0) {
        if (at > 0) this.#options.onNoise();
        onMarker(before.toString('latin1', at + this.#nonce.length, end).trim());
        const rest = before.subarray(end + 1);
        before = null;
        if (rest.length > 0 && !to.destroyed) to.write(rest);
        return;
      }
      this.#said = before.toString('latin1').slice(-300);
      if (before.length <= mostNoiseBytes) return;
      isGivenUp = true;
      before = null;
      this.#channel?.close();
    });
    from.once('end', () => to.end());
  }

  #closed(exitCode: number | null): void {
    const pid = Number(this.#word);
    if (pid > 0) this.#options.onGone(pid);
    if (this.#word === 'absent') this.#fail('ENOENT', `${this.#program}: not found on the host`);
    else if (this.#word === 'forbidden') this.#fail('EACCES', `${this.#program}: may not be run`);
    // A session that ends by itself says how; one that says nothing was cut, be the connection known to be gone or not yet.
    else if (!this.#hasExited && !this.#isEnding && (this.#word !== null || this.#options.sessions.isGone))
      this.#finish({ kind: 'cut', message: `${this.#program}: the connection was cut` });
    else if (this.#word === null && !this.#isEnding)
      this.#fail('ESSH', this.#options.sessions.whyNoShell() + quoted(this.#said));
    else this.#finish(shellEnd(exitCode));
  }

  #fail(code: string, message: string): void {
    this.#finish({ kind: 'not-started', code, message });
  }

  /** Ended while it waited for a session: nothing runs over there. */
  #noSession(): void {
    this.#fail('ENOSESSION', `${this.#program}: the SSH server gave no session for it in time`);
  }

  #finish(end: ChildEnd): void {
    clearInterval(this.#beat);
    this.stdout.end();
    this.stderr.end();
    this.#settle(end);
  }

  async #endNow(): Promise<void> {
    this.#isEnding = true;
    // The helper hears the end of its input, and ends what it runs.
    clearInterval(this.#beat);
    this.#channel?.end();
    if (await settlesWithin(this.ended, endSeconds)) return;
    if (this.#channel === null) return this.#noSession();
    const pid = Number(this.#word);
    if (pid > 0) this.#options.onHung(pid);
    this.#channel.close();
    this.#closePipes();
    clearInterval(this.#beat);
    this.#settle({ kind: 'hung' });
  }

  #closePipes(): void {
    this.stdout.destroy();
    this.stderr.destroy();
  }
}
