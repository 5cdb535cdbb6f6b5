import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { create } from 'tar';
import { afterAll, describe, expect, test } from 'vitest';
import { readArchive } from './archive.ts';
import { RecordingError } from './recording-error.ts';

const folder = mkdtempSync(join(tmpdir(), 'gf-archive-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const inFolder = (name: string, bytes: Uint8Array | string): string => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};

describe('an archive', () => {
  test('is read whole, packed or not', async () => {
    inFolder('host.json', '{"format":1}');
    inFolder('big.txt', 'x'.repeat(300_000));
    for (const gzip of [true, false]) {
      const file = join(folder, `host-${gzip}.tar`);
      await create({ file, gzip, cwd: folder }, ['host.json', 'big.txt']);
      const texts = await readArchive(file);
      expect([...texts.keys()]).toEqual(['host.json', 'big.txt']);
      expect(texts.get('big.txt')).toHaveLength(300_000);
    }
  });

  test('is not read past its end, however small the file that unpacks to zeros', async () => {
    const zeros = Buffer.alloc(80 * 1024 * 1024);
    const file = join(folder, 'one.tar');
    inFolder('host.json', '{"format":1}');
    await create({ file, cwd: folder }, ['host.json']);
    const long = inFolder('long.tar.gz', gzipSync(Buffer.concat([readFileSync(file), zeros])));
    expect([...(await readArchive(long)).keys()]).toEqual(['host.json']);
    await expect(readArchive(inFolder('zeros.tar.gz', gzipSync(zeros)))).rejects.toThrow('no recorded host');
  }, 5000);

  test.each([
    ['what is no archive', gzipSync('x'.repeat(5000))],
    ['an empty file', ''],
    ['one byte', 'x'],
    ['a damaged packing', gzipSync(Buffer.alloc(5000, 1)).subarray(0, 30)],
  ])('of %s is refused in words', async (_, bytes) => {
    const refused = readArchive(inFolder('bad', bytes));
    await expect(refused).rejects.toThrow(RecordingError);
    await expect(refused).rejects.not.toThrow(/TAR_|Z_/);
  });
});
