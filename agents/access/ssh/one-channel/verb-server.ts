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

interface Greeting {
  readonly isHeld: boolean;
  readonly isNoisy: boolean;
  /** What came behind it already. */
  readonly rest: Buffer;
}

/** Listens until the script has said hello to us; what a login prints before is thrown away. Rejects with SshError. */
function awaitGreeting({
  pipe,
  place,
  heartbeatSeconds,
  startSeconds,
}: VerbServerOptions): Promise<Greeting> {
  const nonce = randomBytes(8).toString('hex');
  const { promise, resolve } = deferred<Greeting | SshError>();
  let before = '';
  let said = '';
  let isAnswered = false;
  const fail = (code: 'no-shell' | 'forced-command', message: string): void =>
    resolve(new SshError(code, `${place}: ${message}`));
  const seconds = startSeconds ?? usualStartSeconds;
  const noShell = (when: string): void =>
    fail('no-shell', `no POSIX shell answered${when}${quoted(said || before)}`);
  const timer = setTimeout(() => noShell(` within ${seconds} s`), seconds * 1000);
  const onError = (chunk: Buffer): void => {
    said = (said + chunk.toString('latin1')).slice(-400);
  };
  const onOutput = (chunk: Buffer): void => {
    before += chunk.toString('latin1');
    const [line = '', word, index = 0] = find(before, firstLine);
    if (word === 'lacks') fail('no-shell', `the host ${line.slice(line.indexOf('lacks'))}`);
    else if (word === 'held') fail('forced-command', line);
    else if (word === 'ready' && !isAnswered) {
      isAnswered = true;
      pipe.write(`hello ${nonce} ${heartbeatSeconds}\n`);
    } else if (before.length > mostNoiseBytes) fail('no-shell', 'the login prints without end');
    const [hello = '', , at = 0] = find(before, new RegExp(`^hello ${nonce} .*\\n`, 'm'));
    if (hello === '') return;
    pipe.stdout.off('data', onOutput);
    resolve({
      isHeld: hello.trim().endsWith(' held'),
      isNoisy: before.slice(0, index).trim() !== '',
      rest: Buffer.from(before.slice(at + hello.length), 'latin1'),
    });
  };
  pipe.stderr.on('data', onError);
  pipe.stdout.on('data', onOutput);
  void pipe.closed.then(() => noShell(''));
  return promise.then((found) => {
    clearTimeout(timer);
    if (found instanceof SshError) throw found;
    return found;
  });
}

/** What a pattern finds, its first group, and where; nothing where it does not. */
function find(text: string, pattern: RegExp): readonly [string?, (string | undefined)?, number?] {
  const found = pattern.exec(text);
  return found === null ? [] : [found[0], found[1], found.index];
}

/** Starts the script over a pipe, or finds it there. Rejects with SshError, and the pipe is closed then. */
export async function startVerbServer(options: VerbServerOptions): Promise<VerbServer> {
  const { pipe } = options;
  let isClosed = false;
  void pipe.closed.then(() => {
    isClosed = true;
  });
  if (options.sendsScript) pipe.write(scriptToSend());
  let greeting: Greeting;
  try {
    greeting = await awaitGreeting(options);
  } catch (error) {
    pipe.destroy();
    throw error;
  }
  const verbs = createVerbs(pipe, options.heartbeatSeconds);
  if (greeting.rest.length > 0) verbs.push(greeting.rest);
  pipe.stdout.on('data', (chunk: Buffer) => verbs.push(chunk));
  void pipe.closed.then(verbs.finish);
  return {
    ask: verbs.ask,
    close: verbs.close,
    isHeld: greeting.isHeld,
    isNoisy: greeting.isNoisy,
    closed: pipe.closed,
    get isClosed() {
      return isClosed;
    },
  };
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
