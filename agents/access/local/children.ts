import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { deferred } from '../../deferred.ts';
import { childEnvironment } from './child-environment.ts';
import { findLeftBehind } from './left-behind.ts';
import { createWaitingPipe, type WaitingPipe } from './waiting-pipe.ts';

/** Seconds between SIGTERM and SIGKILL, and between SIGKILL and giving the child up. */
export interface Grace {
  readonly termSeconds: number;
  readonly killSeconds: number;
}

export type ChildEnd =
  | { readonly kind: 'exited'; readonly exitCode: number | null; readonly signal: NodeJS.Signals | null }
  | { readonly kind: 'not-started'; readonly code: string; readonly message: string }
  | { readonly kind: 'hung' }
  /** The way to the host was cut, before or while it ran. */
  | { readonly kind: 'cut'; readonly message: string };

export interface Child {
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  /** Settles when the program is gone, was not started, or is given up (`hung`); never rejects. */
  readonly ended: Promise<ChildEnd>;
  /** SIGTERM, then SIGKILL; calls after the first only wait. */
  end(): Promise<void>;
  /** SIGKILL to whatever is left of its process group, and our ends of its pipes closed. */
  sweep(): void;
}

export type SendSignal = (pid: number, signal: NodeJS.Signals) => void;

export interface Children {
  /**
   * Null while an earlier child of the same program ignores SIGKILL, also of another life of ours: a second would only
   * pile up.
   * @param stdout the writing end of a pipe that `createPipe` made, in place of one that is read as it fills
   */
  start(command: readonly [string, ...string[]], stdout?: number): Child | null;
  /** Null where none can be made. Absent over SSH, where no program can have an end of a pipe of this machine. */
  readonly createPipe?: () => WaitingPipe | null;
  /** Why `start` returned null, in words. */
  describeHung(program: string): string;
  /** Ends all and starts no more; at most both graces. */
  endAll(): Promise<void>;
  readonly running: number;
  /** Those that were given up and are still there. */
  stuckPids(): readonly number[];
}

/** Programs that we started, each in a process group of its own, with the way to end it. */
export function createChildren(grace: Grace, sendSignal: SendSignal = signalGroup): Children {
  const open = new Set<Child>();
  let closed = false;
  const hung = new Map<string, Set<number>>();
  const leftBehind = findLeftBehind();
  const stuckOf = (program: string): readonly number[] => [
    ...(hung.get(program) ?? []),
    ...leftBehind.stuck(program),
  ];
  return {
    start(command, stdout) {
      const [program] = command;
      if (closed) return notStarted('ECANCELED', `${program}: not started, this access is closed`);
      if (stuckOf(program).length > 0) return null;
      const stuck = hung.get(program) ?? new Set();
      const child = startChild(command, stdout ?? 'pipe', grace, {
        sendSignal,
        onHung: (pid) => hung.set(program, stuck.add(pid)),
        onGone: (pid) => stuck.delete(pid),
      });
      open.add(child);
      void child.ended.then(() => open.delete(child));
      return child;
    },
    createPipe: createWaitingPipe,
    describeHung: (program) =>
      `${program}: process ${stuckOf(program).join(', ')} does not end, not even by SIGKILL; no other is started beside it`,
    async endAll() {
      closed = true;
      await Promise.all([...open].map((child) => child.end()));
    },
    get running() {
      return open.size;
    },
    stuckPids: () => [...[...hung.values()].flatMap((pids) => [...pids]), ...leftBehind.all],
  };
}

interface Hooks {
  readonly sendSignal: SendSignal;
  readonly onHung: (pid: number) => void;
  readonly onGone: (pid: number) => void;
}

function startChild(
  [program, ...args]: readonly [string, ...string[]],
  stdout: 'pipe' | number,
  grace: Grace,
  hooks: Hooks,
): Child {
  const { promise: ended, resolve } = deferred<ChildEnd>();
  const child = spawnQuietly(program, args, stdout);
  if ('code' in child) return notStarted(child.code, child.message);
  const { pid } = child;
  child.once('exit', (exitCode, signal) => {
    if (pid !== undefined) hooks.onGone(pid);
    resolve({ kind: 'exited', exitCode, signal });
  });
  child.on('error', (error: NodeJS.ErrnoException) => {
    if (pid === undefined) resolve({ kind: 'not-started', code: error.code ?? '', message: error.message });
  });
  const signal = (name: NodeJS.Signals): void => {
    if (pid !== undefined) hooks.sendSignal(pid, name);
  };
  const destroyPipes = (): void => {
    child.stdout?.destroy();
    child.stderr?.destroy();
  };
  const endNow = async (): Promise<void> => {
    signal('SIGTERM');
    if (await settlesWithin(ended, grace.termSeconds)) return;
    signal('SIGKILL');
    if ((await settlesWithin(ended, grace.killSeconds)) || pid === undefined) return;
    hooks.onHung(pid);
    child.unref();
    destroyPipes();
    resolve({ kind: 'hung' });
  };
  let ending: Promise<void> | null = null;
  return {
    stdout: child.stdout,
    stderr: child.stderr,
    ended,
    end() {
      ending ??= endNow();
      return ending;
    },
    sweep() {
      signal('SIGKILL');
      destroyPipes();
    },
  };
}

function notStarted(code: string, message: string): Child {
  const ended = Promise.resolve<ChildEnd>({ kind: 'not-started', code, message });
  return { stdout: null, stderr: null, ended, end: async () => {}, sweep: () => {} };
}

/** Node throws for some failures of exec (ENOEXEC, ENOTDIR) and emits others (ENOENT, EACCES). */
function spawnQuietly(
  program: string,
  args: readonly string[],
  stdout: 'pipe' | number,
): ChildProcess | { code: string; message: string } {
  try {
    return spawn(program, args, {
      detached: true,
      stdio: ['ignore', stdout, 'pipe'],
      env: childEnvironment(),
    });
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    return { code, message };
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, signal);
      return;
    } catch (error) {
      // EPERM on the group: a member changed its user, so only the child itself is left to try. ESRCH: gone.
      if ((error as NodeJS.ErrnoException).code !== 'EPERM') return;
    }
  }
}

/** True when it settles in time. Leaves no timer behind. */
export async function settlesWithin(promise: Promise<unknown>, seconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), seconds * 1000);
  });
  const inTime = await Promise.race([promise.then(() => true), late]);
  clearTimeout(timer);
  return inTime;
}
