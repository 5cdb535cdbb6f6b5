import { PassThrough } from 'node:stream';
import { deferred } from '../../../deferred.ts';
import { type Child, type ChildEnd, type Children, settlesWithin } from '../../local/children.ts';
import { shellEnd } from '../shell-end.ts';
import type { VerbServer } from './verb-server.ts';

/** The script's own second between SIGTERM and SIGKILL, and some for the way there and back. */
const endSeconds = 4;

export interface ChannelPrograms {
  /** To run programs to their end, of each of whose outputs one byte more than `maxOutputBytes` comes. */
  forRuns(maxOutputBytes: number): Children;
  /** To run programs whose lines come as they are printed. */
  readonly forStreams: Children;
  endAll(): Promise<void>;
  stuckPids(): readonly number[];
}

/** Programs of the host behind the same port as local ones, all over one channel. */
export function createChannelPrograms(server: VerbServer, place: string): ChannelPrograms {
  const open = new Set<Child>();
  const hung = new Map<string, Set<number>>();
  let isClosed = false;
  const children = (verb: 'run' | 'stream', most: number): Children => ({
    start(command) {
      const [program] = command;
      if (isClosed) return notStarted('ECANCELED', `${program}: not started, this access is closed`);
      const stuck = hung.get(program) ?? new Set<number>();
      if (stuck.size > 0) return null;
      const remote = new ChannelChild(command, {
        server,
        verb,
        most,
        place,
        onHung: (pid) => hung.set(program, stuck.add(pid)),
        onGone: (pid) => stuck.delete(pid),
      });
      open.add(remote);
      void remote.ended.then(() => open.delete(remote));
      return remote;
    },
    describeHung: (program) =>
      `${program}: process ${[...(hung.get(program) ?? [])].join(', ')} of the host does not end, not even by SIGKILL; no other is started beside it`,
    endAll,
    get running() {
      return open.size;
    },
    stuckPids,
  });
  const stuckPids = (): readonly number[] => [...hung.values()].flatMap((pids) => [...pids]);
  const endAll = async (): Promise<void> => {
    isClosed = true;
    await Promise.all([...open].map((each) => each.end()));
  };
  return {
    forRuns: (maxOutputBytes) => children('run', Math.min(maxOutputBytes + 1, 999_999_999)),
    forStreams: children('stream', 0),
    endAll,
    stuckPids,
  };
}

function notStarted(code: string, message: string): Child {
  const ended = Promise.resolve<ChildEnd>({ kind: 'not-started', code, message });
  return { stdout: null, stderr: null, ended, end: async () => {}, sweep: () => {} };
}

interface ChannelChildOptions {
  readonly server: VerbServer;
  readonly verb: 'run' | 'stream';
  readonly most: number;
  readonly place: string;
  readonly onHung: (pid: number) => void;
  readonly onGone: (pid: number) => void;
}

class ChannelChild implements Child {
  readonly stdout = new PassThrough({ highWaterMark: 64 * 1024 });
  readonly stderr = new PassThrough({ highWaterMark: 64 * 1024 });
  readonly ended: Promise<ChildEnd>;
  readonly #settle: (end: ChildEnd) => void;
  readonly #options: ChannelChildOptions;
  readonly #ask: { end(): void } | null;
  #refusal: string | null = null;
  #stuckPid = 0;
  #ending: Promise<void> | null = null;

  constructor(command: readonly [string, ...string[]], options: ChannelChildOptions) {
    const { promise, resolve } = deferred<ChildEnd>();
    this.ended = promise;
    this.#settle = resolve;
    this.#options = options;
    for (const pipe of [this.stdout, this.stderr]) pipe.on('error', () => {});
    const pass = (to: PassThrough) => (chunk: Buffer) => {
      if (!to.destroyed && !to.writableEnded) to.write(chunk);
    };
    this.#ask = options.server.ask(
      { verb: options.verb, most: options.most, words: command },
      {
        onOutput: pass(this.stdout),
        onErrors: pass(this.stderr),
        onRefusal: (why) => {
          this.#refusal = why;
        },
        onStuck: (pid) => {
          this.#stuckPid = pid;
        },
        onEnd: (exitCode) => this.#finish(this.#endOf(command[0], exitCode)),
      },
    );
    if (this.#ask === null)
      this.#finish({
        kind: 'not-started',
        code: 'EINVAL',
        message: `${command[0]}: a word of the command has a line end in it`,
      });
  }

  end(): Promise<void> {
    this.#ending ??= this.#endNow();
    return this.#ending;
  }

  sweep(): void {
    this.#ask?.end();
    this.stdout.destroy();
    this.stderr.destroy();
  }

  #endOf(program: string, exitCode: number | null): ChildEnd {
    const { place, onGone } = this.#options;
    if (this.#stuckPid > 0) onGone(this.#stuckPid);
    if (exitCode === null) return { kind: 'cut', message: `${place}: the connection was cut` };
    const message = `${program}: ${refusals[this.#refusal ?? ''] ?? ''}`;
    if (this.#refusal === 'absent') return { kind: 'not-started', code: 'ENOENT', message };
    if (this.#refusal !== null) return { kind: 'not-started', code: 'EACCES', message };
    return shellEnd(exitCode);
  }

  #finish(end: ChildEnd): void {
    this.stdout.end();
    this.stderr.end();
    this.#settle(end);
  }

  async #endNow(): Promise<void> {
    this.#ask?.end();
    if (await settlesWithin(this.ended, endSeconds)) return;
    if (this.#stuckPid > 0) this.#options.onHung(this.#stuckPid);
    this.stdout.destroy();
    this.stderr.destroy();
    this.#settle({ kind: 'hung' });
  }
}

const refusals: Readonly<Record<string, string>> = {
  absent: 'not found on the host',
  forbidden: 'may not be run',
  refused: "not in the list that the host's forced command (gpufleet-ssh) holds us to",
};
