import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makePrivateFolder } from './private-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'gpufleet-folder-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('makes what is missing above it, for this user only, and takes one that is there', () => {
  const path = join(folder, 'a/b/c');
  makePrivateFolder(path);
  makePrivateFolder(path);
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

test('says what the system says, and returns, where a folder cannot be', () => {
  writeFileSync(join(folder, 'file'), '');
  expect(() => makePrivateFolder(join(folder, 'file/below'))).toThrow(/ENOTDIR/);
  expect(() => makePrivateFolder(join(folder, 'file'))).toThrow(/file is there and is no folder/);
  if (existsSync('/proc/self')) expect(() => makePrivateFolder('/proc/gpufleet/data')).toThrow(/ENOENT/);
});
