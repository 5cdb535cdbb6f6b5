import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLineQueue, createLineSplitter } from './line-queue.ts';

const text = fc
  .array(fc.constantFrom('\n', '\n', '\r\n', 'a', 'GPU-1, 5 %', 'é', '\ufeff', '\r', 'x'.repeat(30), ''), {
    maxLength: 30,
  })
  .map((parts) => parts.join(''));

/** Lines in chunks that end anywhere, also within a character. */
function linesOf(bytes: Buffer, cuts: readonly number[], maxLineBytes: number) {
  const lines: string[] = [];
  let tooLong = 0;
  const splitter = createLineSplitter(
    maxLineBytes,
    (line) => lines.push(line),
    () => {
      tooLong += 1;
    },
  );
  const ends = [...new Set([...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort(
    (a, b) => a - b,
  );
  let from = 0;
  for (const end of ends) {
    splitter.push(bytes.subarray(from, end));
    from = end;
  }
  splitter.flush();
  return { lines, tooLong };
}

it('the same bytes are the same lines, however they come', () => {
  fc.assert(
    fc.property(text, fc.array(fc.nat(), { maxLength: 8 }), (printed, cuts) => {
      const lines = printed.split('\n').map((line) => line.replace(/\r$/, ''));
      if (printed.endsWith('\n') || printed === '') lines.pop();
      expect(linesOf(Buffer.from(printed), cuts, 10_000)).toEqual({ lines, tooLong: 0 });
    }),
    { numRuns: 500 },
  );
});

it('a line that is too long is told once, and nothing after it', () => {
  fc.assert(
    fc.property(text, fc.array(fc.nat(), { maxLength: 8 }), (printed, cuts) => {
      const all = Buffer.from(printed).toString('latin1').split('\n');
      const at = all.findIndex((line) => line.length > 20);
      const { lines, tooLong } = linesOf(Buffer.from(printed), cuts, 20);
      expect(tooLong).toBe(at < 0 ? 0 : 1);
      if (at >= 0) expect(lines).toHaveLength(at);
    }),
    { numRuns: 500 },
  );
});

it('a queue gives what was pushed before and while it is read, and ends', async () => {
  const queue = createLineQueue(3);
  for (const line of ['a', 'b', 'c', 'd']) queue.push(line);
  const read: string[] = [];
  const reading = (async () => {
    for await (const line of queue) read.push(line);
  })();
  await new Promise(setImmediate);
  expect(read).toEqual(['b', 'c', 'd']);
  queue.push('e');
  queue.push('f');
  await new Promise(setImmediate);
  expect(read).toEqual(['b', 'c', 'd', 'e', 'f']);
  queue.push('g');
  queue.close();
  queue.push('h');
  await reading;
  expect(read.at(-1)).toBe('g');
  expect(queue.dropped).toBe(1);
});

it('what is discarded is not read any more', async () => {
  const queue = createLineQueue(3);
  queue.push('a');
  queue.discard();
  for await (const line of queue) expect(line).toBe('nothing');
});
