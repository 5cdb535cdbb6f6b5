import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { forms } from '../../bin/verbs/parse/forms.ts';

const reader = fileURLToPath(new URL('support/garbage-reader.ts', import.meta.url));
/** By GARBAGE_MEBIBYTES=8 for a long look: the most that `parse` reads of a file. */
const mebibytes = Number(process.env['GARBAGE_MEBIBYTES'] ?? 1.5);
/** All that the program may hold: its code, the text, and what a parser makes of it. At 8 MiB of text 64 MiB are enough. */
const heapMebibytes = mebibytes > 2 ? 64 : 36;
/** Far above what is needed, and far below what a regular expression that went astray takes. */
const mostMilliseconds = 3000;

interface Reading {
  readonly kind: string;
  readonly form: string;
  readonly milliseconds?: number;
}

/** What the program printed of each reading; it dies where the heap is not enough. */
function readAll(): Promise<{ readonly readings: readonly Reading[]; readonly died: boolean }> {
  const options = [`--max-old-space-size=${heapMebibytes}`, '--max-semi-space-size=4'];
  const words = [...options, reader, String(mebibytes * 1024 * 1024)];
  return new Promise((resolve) => {
    execFile(process.execPath, words, { timeout: 590_000, maxBuffer: 4 * 1024 * 1024 }, (error, stdout) => {
      const lines = stdout.trim().split('\n');
      resolve({ readings: lines.map((line) => JSON.parse(line) as Reading), died: error !== null });
    });
  });
}

test(`${mebibytes} MiB of garbage of any kind are read as any form in a heap of ${heapMebibytes} MiB, in bounded time`, async () => {
  const { readings, died } = await readAll();
  expect(died, `it died of ${JSON.stringify(readings.at(-1))}`).toBe(false);
  const read = readings.filter(({ milliseconds }) => milliseconds !== undefined);
  expect(new Set(read.map(({ form }) => form))).toEqual(new Set([...forms.map(({ kind }) => kind), 'any']));
  expect(read.length).toBeGreaterThan(30 * forms.length);
  expect(read.filter(({ milliseconds = 0 }) => milliseconds > mostMilliseconds)).toEqual([]);
}, 600_000);

test('the heap is one that a list of all lines does not fit into', async () => {
  const script = `const text = 'a\\n'.repeat(${mebibytes * 512 * 1024}); globalThis.kept = text.split('\\n').map((line) => ({ line }));`;
  const options = [`--max-old-space-size=${heapMebibytes}`, '--max-semi-space-size=4'];
  const code = await new Promise((resolve) => {
    execFile(process.execPath, [...options, '-e', script], { timeout: 60_000 }, (error) =>
      resolve(error === null ? 0 : 1),
    );
  });
  expect(code).toBe(1);
});
