import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStateFolder } from './state-folder.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gpufleet-state-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a host id is made once', () => {
  const first = openStateFolder([join(folder, 'a')]);
  first.release();
  const again = openStateFolder([join(folder, 'a')]);
  expect(again.hostId).toBe(first.hostId);
  expect(openStateFolder([join(folder, 'b')]).hostId).not.toBe(first.hostId);
});

test('the first folder that can be written is taken; none is said with each reason', () => {
  writeFileSync(join(folder, 'file'), '');
  const blocked = join(folder, 'file', 'below');
  expect(openStateFolder([blocked, join(folder, 'free')]).path).toBe(join(folder, 'free'));
  expect(() => openStateFolder([blocked])).toThrow(/below \(ENOTDIR\).*--state-dir/);
});

test('two agents do not share a folder', () => {
  openStateFolder([folder]);
  expect(() => openStateFolder([folder])).toThrow(new RegExp(`pid ${process.pid}.*${folder}`));
});

test('a lock of a process that is gone, or of another with its pid, holds nothing', () => {
  for (const lock of [{ pid: 4_000_000, startTime: '1' }, { pid: process.pid, startTime: '1' }, 'torn']) {
    writeFileSync(join(folder, 'lock'), JSON.stringify(lock));
    openStateFolder([folder]).release();
  }
});

test('a damaged host file stops the start and is kept', () => {
  writeFileSync(join(folder, 'host.json'), '{"id":');
  expect(() => openStateFolder([folder])).toThrow(/host\.json holds no host id/);
  expect(readFileSync(join(folder, 'host.json'), 'utf8')).toBe('{"id":');
});
