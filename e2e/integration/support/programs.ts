import { type ChildProcess, spawn } from 'node:child_process';
import type { Cleanup } from './temporary.ts';

export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string | Buffer;
  /** Whom it runs as; who runs the tests unless told. */
  readonly uid?: number;
}

export interface RunningProgram {
  readonly pid: number;
  /** stdout and stderr as far as they came, the last 200,000 characters. */
  output(): string;
  /** Resolves with the first match in the output; rejects when the program ends or the time is over. */
  seen(pattern: RegExp, seconds?: number): Promise<RegExpMatchArray>;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** Ends it and waits; SIGKILL after `graceSeconds`. */
  stop(signal?: NodeJS.Signals, graceSeconds?: number): Promise<void>;
}

const maxKept = 200_000;

/** Settings of the person who runs the tests must not reach what is tested. */
function environment(own: ProgramOptions['env']) {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('GPUFLEET_'));
  return { ...(Object.fromEntries(inherited) as NodeJS.ProcessEnv), ...own };
}

function collect(child: ChildProcess): { text: string; listeners: Set<() => void> } {
  const output = { text: '', listeners: new Set<() => void>() };
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      output.text = (output.text + chunk.toString()).slice(-maxKept);
      for (const listener of [...output.listeners]) listener();
    });
  return output;
}

/** Starts a program that stays; `cleanup` ends it by its pid. */
export function startProgram(
  cleanup: Cleanup,
  [file, ...args]: readonly [string, ...string[]],
  options: ProgramOptions = {},
): RunningProgram {
  const child = spawn(file, args, {
    cwd: options.cwd,
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    env: environment(options.env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = collect(child);
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.on('error', (error) => {
      output.text += `\n${error.message}`;
      resolve({ code: null, signal: null });
    });
    child.on('exit', (code, signal) => resolve({ code, signal }));
  });
  let running = true;
  void ended.then(() => {
    running = false;
    for (const listener of [...output.listeners]) listener();
  });

  const stop = async (signal: NodeJS.Signals = 'SIGTERM', graceSeconds = 10): Promise<void> => {
    if (!running) return;
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), graceSeconds * 1000);
    await ended;
    clearTimeout(timer);
  };
  cleanup.add(() => stop());

  const seen = (pattern: RegExp, seconds = 60): Promise<RegExpMatchArray> =>
    new Promise((resolve, reject) => {
      const fail = (why: string) =>
        done(() => reject(new Error(`${file} ${why} ${pattern}:\n${output.text}`)));
      const timer = setTimeout(() => fail(`did not print within ${seconds} s`), seconds * 1000);
      const look = () => {
        const match = output.text.match(pattern);
        if (match !== null) done(() => resolve(match));
        else if (!running) fail('ended before it printed');
      };
      const done = (then: () => void) => {
        clearTimeout(timer);
        output.listeners.delete(look);
        then();
      };
      output.listeners.add(look);
      look();
    });

  return { pid: child.pid ?? -1, output: () => output.text, seen, ended, stop };
}

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, at most `seconds`. */
export function runProgram(
  [file, ...args]: readonly [string, ...string[]],
  { cwd, env, input, seconds = 60 }: ProgramOptions & { readonly seconds?: number } = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd,
      env: environment(env),
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: seconds * 1000,
      killSignal: 'SIGKILL',
    });
    const chunks: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => chunks[0].push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks[1].push(chunk));
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({
        code,
        stdout: Buffer.concat(chunks[0]).toString(),
        stderr: Buffer.concat(chunks[1]).toString(),
      }),
    );
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

/** Runs a program that must succeed; gives its stdout without the last newline. */
export async function mustRun(
  command: readonly [string, ...string[]],
  options?: Parameters<typeof runProgram>[1],
): Promise<string> {
  const outcome = await runProgram(command, options);
  if (outcome.code !== 0)
    throw new Error(`${command.join(' ')} ended with ${outcome.code}: ${outcome.stderr}${outcome.stdout}`);
  return outcome.stdout.replace(/\n$/, '');
}
