import type * as files from 'node:fs';
import { readdirSync, writeSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createWaitingPipe, type WaitingPipe } from './waiting-pipe.ts';

/** As a kernel that does not date writes to a pipe. */
const undated = vi.hoisted(() => ({ isOn: false }));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof files>();
  return {
    ...fs,
    fstatSync: (fd: number) => (undated.isOn ? { mtimeMs: 1_700_000_000_000 } : fs.fstatSync(fd)),
  };
});

const openPipes: WaitingPipe[] = [];
afterEach(() => {
  undated.isOn = false;
  vi.restoreAllMocks();
  for (const pipe of openPipes.splice(0)) {
    pipe.handOver();
    pipe.close();
  }
});

function openPipe() {
  const pipe = createWaitingPipe();
  if (pipe === null) throw new Error('no pipe could be made in /dev/shm');
  openPipes.push(pipe);
  const take = (): [string, number | null] => {
    const { bytes, ageSeconds } = pipe.take();
    return [bytes.toString(), ageSeconds];
  };
  /** When it was written, by the monotonic clock. */
  const write = (text: string): number => {
    writeSync(pipe.writeFd, text);
    return performance.now();
  };
  return { pipe, take, write };
}

/** What the date clock shows, against how long this process has been running. */
const setDate = (milliseconds: number): void => {
  const { now } = Date;
  vi.spyOn(Date, 'now').mockImplementation(() => now() + milliseconds);
};

describe('what waits in a pipe', () => {
  test('is taken once, with its age', async () => {
    const { take, write } = openPipe();
    expect(take()).toEqual(['', null]);
    write('a\n');
    await setTimeout(60);
    const wroteAt = write('b\n');
    await setTimeout(60);
    const askedAt = performance.now();
    const [text, ageSeconds] = take();
    expect(text).toBe('a\nb\n');
    expect(ageSeconds).toBeGreaterThan((askedAt - wroteAt) / 1000 - 0.005);
    expect(ageSeconds).toBeLessThan((performance.now() - wroteAt) / 1000 + 0.03);
    expect(take()).toEqual(['', null]);
  });

  test('shows also when it came in the same step of the clock as what was read', () => {
    const { take, write } = openPipe();
    for (let round = 0; round < 200; round += 1) {
      write(`${round}\n`);
      expect(take()[0]).toBe(`${round}\n`);
    }
  });

  test('has no age where the kernel does not date writes, and is taken all the same', async () => {
    undated.isOn = true;
    const { take, write } = openPipe();
    for (let round = 0; round < 3; round += 1) {
      write('a\n');
      await setTimeout(30);
      expect(take()).toEqual(['a\n', null]);
    }
  });

  test.each([
    ['set back', -10_000],
    ['set forward, or the machine slept', 60_000],
    ['set back a little', -100],
  ])('has no age where the date was %s', async (_name, milliseconds) => {
    const { take, write } = openPipe();
    write('a\n');
    await setTimeout(30);
    setDate(milliseconds);
    expect(take()).toEqual(['a\n', null]);
  });

  test.each([20, 70, 1500, 2049, 4096, 5000])(
    'is full before a writer of %i bytes is held up',
    async (bytes) => {
      const { pipe } = openPipe();
      let written = 0;
      // Blocking: this writes no more than what is known to fit.
      while (written + bytes <= 33 * 1024) written += writeSync(pipe.writeFd, 'x'.repeat(bytes));
      const { bytes: all, isFull, ageSeconds } = pipe.take();
      expect(all).toHaveLength(written);
      expect(isFull).toBe(written >= 32 * 1024);
      if (isFull) expect(ageSeconds).toBeNull();
    },
  );

  test('leaves no folder, and no descriptor once it is closed', () => {
    const count = (): number => readdirSync('/proc/self/fd').length;
    const before = count();
    for (let round = 0; round < 20; round += 1) {
      const { pipe } = openPipe();
      pipe.handOver();
      pipe.handOver();
      pipe.close();
      pipe.close();
    }
    openPipes.length = 0;
    expect(count()).toBe(before);
    const own = `gpufleet-pipe-${process.pid}-`;
    expect(readdirSync('/dev/shm').filter((name) => name.startsWith(own))).toEqual([]);
  });
});
