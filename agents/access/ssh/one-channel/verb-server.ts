import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { deferred } from '../../../deferred.ts';
import { createLineSplitter } from '../../local/line-queue.ts';
import { SshError } from '../ssh-error.ts';
import { firstLine, scriptToSend } from './script.ts';

/** A channel to a program of the host, whoever carries it: ssh2, or the OpenSSH client. */
export interface Pipe {
  readonly stdout: Readable;
  readonly stderr: Readable;
  write(text: string): void;
  /** Ends what goes there; the other side then ends by itself. */
  end(): void;
  destroy(): void;
  /** Settles when the channel is gone; never rejects. */
  readonly closed: Promise<void>;
}

/** What comes back of one verb. */
export interface Answer {
  onOutput(chunk: Buffer): void;
  onErrors(chunk: Buffer): void;
  /** It is not done: `absent`, `forbidden`, `refused`, or what the host's tools said. */
  onRefusal(why: string): void;
  /** This process of it does not end, not even by SIGKILL. */
  onStuck(pid: number): void;
  /** It is gone with this exit code; null: the channel is gone before. */
  onEnd(exitCode: number | null): void;
}

export interface Asked {
  readonly verb: 'run' | 'stream' | 'read' | 'list';
  /** Bytes, or entries of a folder. */
  readonly most: number;
  readonly words: readonly string[];
}

export interface VerbServer {
  /** Null where a word cannot go over: it has a line end or a NUL. Answers are told until `onEnd`. */
  ask(asked: Asked, answer: Answer): { end(): void } | null;
  /** A site holds the account to its list. */
  readonly isHeld: boolean;
  /** Lines of text that came before ours: a login that prints. */
  readonly isNoisy: boolean;
  readonly isClosed: boolean;
  readonly closed: Promise<void>;
  close(): void;
}

export interface VerbServerOptions {
  readonly pipe: Pipe;
  /** For messages. */
  readonly place: string;
  readonly heartbeatSeconds: number;
  /** The script goes over first; false: the host's own answers. */
  readonly sendsScript: boolean;
  /** Until it speaks; 10 unless told. */
  readonly startSeconds?: number;
}

const usualStartSeconds = 10;
const mostNoiseBytes = 64 * 1024;
/** The script's own lines are shorter than 4096 bytes. */
const maxLineBytes = 16 * 1024;

/** Waits for the script to speak, skipping what a login prints. Rejects with SshError, and the pipe is closed then. */
export async function startVerbServer(options: VerbServerOptions): Promise<VerbServer> {
  const { pipe, place, heartbeatSeconds, startSeconds = usualStartSeconds } = options;
  const nonce = randomBytes(8).toString('hex');
  const { promise: ready, resolve } = deferred<Omit<VerbServer, 'isClosed' | 'closed'> | SshError>();
  let before = '';
  let said = '';
  let isGreeted = false;
  let isClosed = false;
  const fail = (code: 'no-shell' | 'forced-command' | 'cut', message: string): void => {
    pipe.destroy();
    resolve(new SshError(code, `${place}: ${message}`));
  };
  const timer = setTimeout(
    () => fail('no-shell', `no POSIX shell answered within ${startSeconds} s${quoted(said || before)}`),
    startSeconds * 1000,
  );
  pipe.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('latin1')).slice(-400);
  });
  const onNoise = (chunk: Buffer): void => {
    before += chunk.toString('latin1');
    const greeting = firstLine.exec(before);
    if (!isGreeted && greeting !== null) {
      if (greeting[1] !== 'ready') {
        const why =
          greeting[1] === 'lacks' ? `the host ${greeting[0].slice('gpufleet-ssh 1 '.length)}` : greeting[0];
        fail(greeting[1] === 'lacks' ? 'no-shell' : 'forced-command', why);
        return;
      }
      isGreeted = true;
      pipe.write(`hello ${nonce} ${heartbeatSeconds}\n`);
    }
    const at = before.indexOf(`hello ${nonce} `);
    const end = at < 0 ? -1 : before.indexOf('\n', at);
    if (end < 0) {
      if (before.length > mostNoiseBytes) fail('no-shell', 'the login prints without end');
      return;
    }
    pipe.stdout.off('data', onNoise);
    const isHeld = before.slice(at, end).endsWith('held');
    const isNoisy = before.slice(0, greeting?.index ?? 0).trim() !== '';
    const verbs = createVerbs(pipe, heartbeatSeconds);
    resolve({ ...verbs, isHeld, isNoisy });
    const rest = Buffer.from(before.slice(end + 1), 'latin1');
    if (rest.length > 0) verbs.push(rest);
    pipe.stdout.on('data', (each: Buffer) => verbs.push(each));
    void pipe.closed.then(() => verbs.finish());
  };
  pipe.stdout.on('data', onNoise);
  void pipe.closed.then(() => {
    isClosed = true;
    fail('no-shell', `no POSIX shell answered${quoted(said || before)}`);
  });
  if (options.sendsScript) pipe.write(scriptToSend());
  try {
    const verbs = await ready;
    if (verbs instanceof SshError) throw verbs;
    return {
      ask: verbs.ask,
      close: verbs.close,
      isHeld: verbs.isHeld,
      isNoisy: verbs.isNoisy,
      closed: pipe.closed,
      get isClosed() {
        return isClosed;
      },
    };
  } finally {
    clearTimeout(timer);
  }
}

const quoted = (text: string): string => {
  const line = text
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(-200);
  return line === '' ? '' : `; it says: ${line}`;
};

interface Verbs extends Pick<VerbServer, 'ask' | 'close'> {
  push(chunk: Buffer): void;
  finish(): void;
}

/** The two sides of the channel once the script has said hello. */
function createVerbs(pipe: Pipe, heartbeatSeconds: number): Verbs {
  const open = new Map<string, Answer>();
  let last = 0;
  let isOver = false;
  const beat = setInterval(() => pipe.write('b\n'), (heartbeatSeconds * 1000) / 3);
  const close = (): void => {
    clearInterval(beat);
    pipe.end();
  };
  const finish = (): void => {
    isOver = true;
    clearInterval(beat);
    const left = [...open.values()];
    open.clear();
    for (const each of left) each.onEnd(null);
  };
  const settle = (id: string, exitCode: number): void => {
    const answer = open.get(id);
    open.delete(id);
    if (!isOver) pipe.write(`done ${id}\n`);
    answer?.onEnd(exitCode);
  };
  const onLine = (line: string): void => {
    const [, kind = '', id = '', rest = ''] = /^([oelnhx]) (\d+) ?(.*)$/s.exec(line) ?? [];
    const answer = open.get(id);
    if (answer === undefined) return;
    if (kind === 'o') answer.onOutput(Buffer.from(rest, 'base64'));
    else if (kind === 'l') answer.onOutput(Buffer.from(`${rest}\n`));
    else if (kind === 'e') answer.onErrors(Buffer.from(rest, 'base64'));
    else if (kind === 'h') answer.onStuck(Number(rest));
    else if (kind === 'x') settle(id, Number(rest));
    else if (kind === 'n') {
      answer.onRefusal(rest);
      // A program that is not started has no end of its own; what was looked for has.
      if (/^(absent|forbidden|refused)$/.test(rest)) settle(id, 1);
    }
  };
  const splitter = createLineSplitter(maxLineBytes, onLine, () => pipe.destroy());
  return {
    ask({ verb, most, words }, answer) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly those two end a word too early
      if (words.some((word) => /[\n\u0000]/.test(word))) return null;
      if (isOver) {
        answer.onEnd(null);
        return { end: () => {} };
      }
      last += 1;
      const id = String(last);
      open.set(id, answer);
      pipe.write(`${[`${verb} ${id} ${most} ${words.length}`, ...words].join('\n')}\n`);
      return {
        end() {
          if (open.has(id)) pipe.write(`end ${id}\n`);
        },
      };
    },
    push: (chunk) => splitter.push(chunk),
    finish,
    close,
  };
}
