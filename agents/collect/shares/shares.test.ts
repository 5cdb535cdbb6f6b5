import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SmiDocument } from '../../../lib/nvidia-smi/index.ts';
import { emptyGpu } from '../../../lib/nvidia-smi/index.ts';
import type { FetchedLines, HostAccess, StreamEnd, StreamOptions } from '../../access/host-access.ts';
import { createSource } from '../source.ts';
import { createShares } from './index.ts';
import { head, row } from './pmon.testing.ts';

const nothingWaits: FetchedLines = { lines: [], ageSeconds: null };

describe('shares of processes', () => {
  let nowSeconds = 100;
  const clock = { nowMilliseconds: () => nowSeconds * 1000, monotonicSeconds: () => nowSeconds };
  beforeEach(() => {
    vi.useFakeTimers();
    nowSeconds = 100;
  });
  afterEach(() => vi.useRealTimers());

  const documentWith = (pids: readonly number[], isMig = false): SmiDocument =>
    ({
      gpus: [
        {
          gpu: {
            ...emptyGpu(),
            migMode: { current: isMig, pending: isMig },
            processes: pids.map((pid) => ({ pid })),
          },
        },
      ],
    }) as unknown as SmiDocument;

  function play({ hold = true, waits = false, intervalSeconds = 5 } = {}) {
    const started: string[] = [];
    const streamed: StreamOptions[] = [];
    let waiting = nothingWaits;
    let push: (line: string | null) => void = () => {};
    let end: (end: StreamEnd) => void = () => {};
    const access = {
      stream(command: readonly string[], options: StreamOptions) {
        started.push(command.join(' '));
        streamed.push(options);
        const queue: (string | null)[] = [];
        let wake: () => void = () => {};
        push = (line) => {
          queue.push(line);
          wake();
        };
        const ended = new Promise<StreamEnd>((resolve) => {
          end = (how) => {
            push(null);
            resolve(how);
          };
        });
        const lines = (async function* () {
          for (;;) {
            while (queue.length === 0)
              await new Promise<void>((resolve) => {
                wake = resolve;
              });
            const line = queue.shift() ?? null;
            if (line === null) return;
            yield line;
          }
        })();
        const fetch = (): FetchedLines => {
          const fetched = waiting;
          waiting = nothingWaits;
          return fetched;
        };
        const stop = async (): Promise<void> => end({ reason: 'stopped', stderr: '' });
        return { lines, ended, stop, ...(waits ? { fetch } : {}) };
      },
    } as unknown as HostAccess;
    const hints: number[] = [];
    const source = createSource('nvidia-smi-pmon', 'nvidia-smi pmon', clock);
    const onHint = (): void => void hints.push(nowSeconds);
    const shares = createShares({ access, clock, source, intervalSeconds, hold, onHint });
    const print = async (...lines: string[]): Promise<void> => {
      for (const line of lines) push(line);
      await vi.advanceTimersByTimeAsync(300);
    };
    const finish = async (how: StreamEnd): Promise<void> => {
      end(how);
      await vi.advanceTimersByTimeAsync(10);
    };
    const of = (isMig = false) => shares.of({ index: 0, isMig, hasProcesses: true });
    /** Waits in the pipe. */
    const put = (ageSeconds: number | null, ...lines: string[]): void => {
      waiting = { lines: [...waiting.lines, ...lines], ageSeconds };
    };
    const fetch = (ageSeconds: number | null, ...lines: string[]): void => {
      put(ageSeconds, ...lines);
      shares.fetch();
    };
    return { put, shares, started, streamed, hints, source, print, finish, of, fetch };
  }

  test('nothing runs where nothing is to be seen', () => {
    const { shares, started } = play();
    shares.watch(documentWith([]), 'nvidia-smi');
    shares.watch(documentWith([7], true), 'nvidia-smi');
    shares.watch(documentWith([7]), null);
    expect(started).toEqual([]);
  });

  test('are those that it printed, with their own time, while they are new', async () => {
    const { shares, started, print, of, source } = play();
    shares.watch(documentWith([7]), 'nvidia-smi');
    expect(started).toEqual(['nvidia-smi pmon -s u -d 5']);
    expect(of()).toMatchObject({ sampledAt: null, problem: 'nvidia-smi pmon has not answered yet' });
    await print(...head, row(0, 7, 42, 9));
    expect(of().byPid.get(7)).toMatchObject({ smRatio: 0.42, encoderRatio: 0.09, decoderRatio: null });
    expect(of()).toMatchObject({ sampledAt: '1970-01-01T00:01:40.000Z', problem: null });
    expect(source.status).toMatchObject({ state: 'ok', runs: 1 });
    nowSeconds += 30;
    expect(of()).toMatchObject({ sampledAt: null, problem: 'nvidia-smi pmon prints nothing more' });
    expect(of().byPid.size).toBe(0);
  });

  test('are as old as what waited in the pipe', async () => {
    const { shares, of, fetch } = play({ waits: true });
    shares.watch(documentWith([7]), 'nvidia-smi');
    nowSeconds += 5;
    fetch(2, ...head, row(0, 7, 42));
    expect(of()).toMatchObject({ sampledAt: '1970-01-01T00:01:43.000Z', problem: null });
    fetch(1, row(0, 7, 5), row(0, 7, 6));
    expect(of().byPid.get(7)?.smRatio).toBe(0.06);
    expect(of().sampledAt).toBe('1970-01-01T00:01:44.000Z');
    nowSeconds += 17;
    shares.fetch();
    expect(of().problem).toBe('nvidia-smi pmon prints nothing more');
  });

  const rows = (from: number, to: number): string[] =>
    Array.from({ length: to - from }, (_, at) => row(0, from + at, 5));

  test.each([0.01, null])('a sample that comes while it is fetched is told whole (age %s)', async (age) => {
    const { shares, of, put, fetch, hints } = play({ waits: true });
    shares.watch(documentWith([1, 2, 3, 4]), 'nvidia-smi');
    fetch(age, ...head, ...rows(1, 2));
    expect(of().problem).toBe('nvidia-smi pmon has not answered yet');
    // More comes each time that the reader looks again.
    for (const pid of [2, 3, 4]) {
      put(age, row(0, pid, 5));
      await vi.advanceTimersByTimeAsync(155);
      expect(of().problem).toBe('nvidia-smi pmon has not answered yet');
    }
    await vi.advanceTimersByTimeAsync(155);
    expect([...of().byPid.keys()]).toEqual([1, 2, 3, 4]);
    expect(hints).toEqual([]);
    // Whole, with the processes of the sample before.
    fetch(age, ...rows(1, 5));
    expect(of().byPid.size).toBe(4);
  });

  test('where nobody knows when it came, it is taken for as old as it can be', async () => {
    const { shares, of, fetch } = play({ waits: true });
    shares.watch(documentWith([7]), 'nvidia-smi');
    nowSeconds += 5;
    fetch(2, ...head, row(0, 7, 42));
    nowSeconds += 4;
    fetch(null, row(0, 7, 5));
    expect(of()).toMatchObject({ sampledAt: '1970-01-01T00:01:45.000Z' });
    expect(of().byPid.get(7)?.smRatio).toBe(0.05);
  });

  test('one that the next has begun to follow is not as new as that', async () => {
    const { shares, of, fetch } = play({ waits: true });
    shares.watch(documentWith([7, 8]), 'nvidia-smi');
    nowSeconds += 5;
    fetch(2, ...head, row(0, 7, 1));
    nowSeconds += 5;
    // The second of these samples is not whole yet.
    fetch(0.1, row(0, 7, 2), row(1, 8, 3), row(0, 7, 4));
    expect(of().byPid.get(7)?.smRatio).toBe(0.02);
    expect(of().sampledAt).toBe('1970-01-01T00:01:45.000Z');
  });

  test('one that was begun when it was fetched keeps its age when a later fetch ends it', async () => {
    const { shares, of, fetch } = play({ waits: true });
    shares.watch(documentWith([7, 8]), 'nvidia-smi');
    nowSeconds += 5;
    fetch(null, ...head, row(0, 7, 1), row(1, 8, 1));
    nowSeconds += 2;
    fetch(0.01, row(0, 7, 2));
    expect(of().byPid.get(7)?.smRatio).toBe(0.01);
    expect(of().sampledAt).toBe('1970-01-01T00:01:40.000Z');
  });

  test('after a halt the one that was being read tells nothing more', async () => {
    const { shares, of, fetch, source } = play({ waits: true });
    shares.watch(documentWith([7]), 'nvidia-smi');
    fetch(0.01, ...head, row(0, 7, 1));
    await shares.halt();
    await vi.advanceTimersByTimeAsync(300);
    expect(of().sampledAt).toBeNull();
    expect(source.status.state).toBe('paused');
  });

  test('nothing waits where much would', () => {
    const options = (intervalSeconds: number, hold: boolean): unknown => {
      const { shares, streamed } = play({ hold, intervalSeconds });
      shares.watch(documentWith([7]), 'nvidia-smi');
      return streamed[0]?.canWait;
    };
    expect([options(1, true), options(9, true), options(10, true), options(60, true)]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(options(5, false)).toBe(false);
  });

  test('where it tells none, it says why', async () => {
    const { shares, print, of } = play();
    shares.watch(documentWith([7]), 'nvidia-smi');
    expect(of(true).problem).toBe('on MIG the driver tells no shares, only memory');
    await print(...head, row(0, 7, '-').replace('     1     ', '     -     ').replace(' 1 ', ' - '));
    expect(of()).toMatchObject({
      sampledAt: null,
      problem: 'nvidia-smi pmon prints - for each of its processes',
    });
    await print(row(1, 7, 5));
    expect(shares.of({ index: 3, isMig: false, hasProcesses: true }).problem).toContain(
      'does not tell of this GPU',
    );
  });

  test('a process that the document does not have hints at a change', async () => {
    const { shares, print, hints } = play();
    shares.watch(documentWith([7]), 'nvidia-smi');
    await print(...head, row(0, 7, 5));
    expect(hints).toEqual([]);
    await print(row(0, 7, 5), row(0, 8, 5));
    expect(hints).toEqual([100]);
  });

  test('one that fails is started again ever more seldom, and says what it printed', async () => {
    const { shares, started, finish, print, of, source } = play();
    shares.watch(documentWith([7]), 'nvidia-smi');
    await print('Process monitoring is not supported on this device');
    await finish({ reason: 'exited', exitCode: 3, stderr: '' });
    expect(of().problem).toContain('Process monitoring is not supported');
    expect(source.status).toMatchObject({ state: 'failed', failures: 1 });
    shares.watch(documentWith([7]), 'nvidia-smi');
    expect(started).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(16_000);
    expect(started).toHaveLength(2);
    await finish({ reason: 'exited', exitCode: 3, stderr: '' });
    await vi.advanceTimersByTimeAsync(16_000);
    expect(started).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(16_000);
    expect(started).toHaveLength(3);
  });

  test('without holding, each sample is a run of its own', async () => {
    const { shares, started, print, finish, of } = play({ hold: false });
    shares.watch(documentWith([7]), 'nvidia-smi');
    expect(started).toEqual(['nvidia-smi pmon -s u -d 1 -c 1']);
    await print(...head, row(0, 7, 5));
    await finish({ reason: 'exited', exitCode: 0, stderr: '' });
    nowSeconds += 25;
    expect(of().byPid.get(7)?.smRatio).toBe(0.05);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(started).toHaveLength(2);
  });

  test('another pace starts it again, a halt ends it', async () => {
    const { shares, started, print, of } = play();
    shares.watch(documentWith([7]), 'nvidia-smi');
    await print(...head, row(0, 7, 5));
    shares.setIntervalSeconds(1);
    await vi.advanceTimersByTimeAsync(10);
    expect(started.at(-1)).toBe('nvidia-smi pmon -s u -d 2');
    await shares.halt();
    expect(of().sampledAt).toBeNull();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(started).toHaveLength(2);
  });
});
