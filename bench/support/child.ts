import { type ChildProcess, fork } from 'node:child_process';

/** What a child answers, by name. */
export type Handlers = Readonly<Record<string, (input: never) => unknown>>;

type Input<H extends Handlers, Name extends keyof H> = Parameters<H[Name]>[0];
type Output<H extends Handlers, Name extends keyof H> = Awaited<ReturnType<H[Name]>>;

interface Asked {
  readonly id: number;
  readonly name: string;
  readonly input: unknown;
}

type Answered =
  | { readonly id: number; readonly output: unknown }
  | { readonly id: number; readonly fault: string };

export interface Child<H extends Handlers> {
  readonly pid: number;
  /** Rejects when the handler throws, and when the child has ended. */
  call<Name extends keyof H & string>(
    name: Name,
    ...input: Parameters<H[Name]> extends [] ? [] : [Input<H, Name>]
  ): Promise<Output<H, Name>>;
  /** Ends it and waits; SIGKILL after 20 s. */
  stop(): Promise<void>;
}

const graceMillis = 20_000;

/** A process of our own that answers calls: so that what is measured shares no process with what measures it. */
export function startChild<H extends Handlers>(file: URL, execArgv: readonly string[] = []): Child<H> {
  const child = fork(file, [], { execArgv: [...execArgv], serialization: 'advanced', env: ownEnvironment() });
  const waiting = new Map<number, { resolve(output: unknown): void; reject(error: Error): void }>();
  let lastId = 0;
  child.on('message', (message) => {
    const answer = message as Answered;
    const each = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ('fault' in answer) each?.reject(new Error(answer.fault));
    else each?.resolve(answer.output);
  });
  const ended = endOf(child);
  void ended.then((how) => {
    for (const each of waiting.values()) each.reject(new Error(`${file.pathname} ended (${how})`));
    waiting.clear();
  });
  return {
    pid: child.pid ?? -1,
    call(name, ...[input]) {
      const id = ++lastId;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve: resolve as (output: unknown) => void, reject });
        child.send({ id, name, input } satisfies Asked, (error) => {
          if (error !== null) reject(error);
        });
      });
    },
    async stop() {
      child.kill('SIGTERM');
      const kill = setTimeout(() => child.kill('SIGKILL'), graceMillis);
      await ended;
      clearTimeout(kill);
    },
  };
}

/** Settings of the person who measures must not reach what is measured. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('GPUFLEET_'));
  return Object.fromEntries(kept) as NodeJS.ProcessEnv;
}

const endOf = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    child.on('exit', (code, signal) => resolve(signal ?? `code ${code}`));
    child.on('error', (error) => resolve(error.message));
  });

/** The child's side: answers its parent, and ends with it. `close` is called at SIGTERM. */
export function answerParent(handlers: Handlers, close: () => Promise<void> = async () => undefined): void {
  process.on('message', (message) => {
    const { id, name, input } = message as Asked;
    const handler = handlers[name] as ((input: unknown) => unknown) | undefined;
    Promise.resolve()
      .then(() => handler?.(input))
      .then(
        (output) => process.send?.({ id, output } satisfies Answered),
        (error: unknown) =>
          process.send?.({
            id,
            fault: error instanceof Error ? (error.stack ?? '') : String(error),
          } satisfies Answered),
      );
  });
  const end = () => void close().finally(() => process.exit(0));
  process.once('SIGTERM', end);
  process.once('disconnect', end);
}
