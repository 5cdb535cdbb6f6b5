import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSealer } from './sealed.ts';

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gpufleet-sealed-'));
  path = join(folder, 'ssh-secret.key');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('what is sealed is opened by every sealer of the same file, and by no other', () => {
  const sealed = createSealer(path).seal('hunter2');
  expect(sealed).not.toContain('hunter2');
  expect(createSealer(path).open(sealed)).toBe('hunter2');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(['ssh-secret.key']);
  const other = createSealer(join(folder, 'other'));
  other.seal('x');
  expect(() => other.open(sealed)).toThrow(/other: it was sealed with another key/);
});

test('opening makes no key: the one that is missing may be put back', () => {
  const sealed = createSealer(path).seal('hunter2');
  const key = readFileSync(path);
  rmSync(path);
  const sealer = createSealer(path);
  expect(() => sealer.open(sealed)).toThrow(/ssh-secret\.key is not there: put it back from a backup/);
  expect(existsSync(path)).toBe(false);
  writeFileSync(path, key);
  expect(sealer.open(sealed)).toBe('hunter2');
});

test('a file that is no key is said to be none, and is left as it is', () => {
  writeFileSync(path, '');
  expect(() => createSealer(path).seal('hunter2')).toThrow(/is no key of a hub/);
  expect(readFileSync(path, 'utf8')).toBe('');
});
