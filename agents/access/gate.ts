import type { HostAccess, LineStream, RunOptions, RunResult } from './host-access.ts';

/** A host whose GPUs can be let go: while it is shut, nothing that opens them runs. */
export interface GatedAccess extends HostAccess {
  /**
   * Ends every program that holds the driver open, and starts none until `open`. Resolves when they are gone, with the
   * processes that not even SIGKILL ends; at most 2 s.
   */
  shut(): Promise<{ readonly stuckPids: readonly number[] }>;
  open(): void;
  readonly isShut: boolean;
}

/** Programs that open the GPUs' devices: nvidia-smi, nvidia-container-cli and the like; nvidia-ctk reads files only. */
const opensGpus = /^(nvidia-(?!ctk)|dcgm)/;

const shutMessage = 'not run while the agent is paused';

export const isGated = (access: HostAccess): access is GatedAccess => 'shut' in access;

/** @param nvidiaSmiPath a given nvidia-smi, whatever its name */
export function createGatedAccess(access: HostAccess, nvidiaSmiPath: string | null = null): GatedAccess {
  const streams = new Set<LineStream>();
  const runs = new Set<Promise<unknown>>();
  let shutting = new AbortController();
  let isShut = false;
  const isHeld = ([program]: readonly [string, ...string[]]): boolean =>
    program === nvidiaSmiPath || opensGpus.test(program.slice(program.lastIndexOf('/') + 1));
  const runHeld = async (
    command: readonly [string, ...string[]],
    options: RunOptions,
  ): Promise<RunResult> => {
    const { signal } = shutting;
    const running = access.run(command, { ...options, signal });
    runs.add(running);
    const result = await running;
    runs.delete(running);
    return signal.aborted && result.outcome !== 'hung' ? { ...result, outcome: 'paused' } : result;
  };
  return {
    ...access,
    async run(command, options) {
      if (!isHeld(command)) return access.run(command, options);
      if (!isShut) return runHeld(command, options);
      return { outcome: 'paused', exitCode: null, stdout: '', stderr: shutMessage, durationSeconds: 0 };
    },
    stream(command, options) {
      if (!isHeld(command)) return access.stream(command, options);
      if (isShut) return noStream;
      const stream = access.stream(command, options);
      streams.add(stream);
      void stream.ended.then(() => streams.delete(stream));
      return stream;
    },
    async shut() {
      isShut = true;
      shutting.abort();
      await Promise.all([...[...streams].map((stream) => stream.stop()), ...runs]);
      return { stuckPids: access.stuckPids() };
    },
    open() {
      if (!isShut) return;
      isShut = false;
      shutting = new AbortController();
    },
    get isShut() {
      return isShut;
    },
  };
}

const noStream: LineStream = {
  lines: { async *[Symbol.asyncIterator]() {} },
  ended: Promise.resolve({ reason: 'stopped', stderr: shutMessage }),
  stop: async () => {},
};
