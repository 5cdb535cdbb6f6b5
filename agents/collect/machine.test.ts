import { expect, test } from 'vitest';
import type { FileResult } from '../access/host-access.ts';
import { readMachine } from './machine.ts';

const machineId = '3d1219c7c4c5404aaa1f6d2a48adfda4';
const bootId = '0c1a5f57-6a4e-4b4e-9df1-0b8d8a4c1f10';
const other = '7d0f2bb2-31c8-4a47-8f2e-0a9f4d0f3c55';

const of = (files: Readonly<Record<string, string>>): Promise<string | null> =>
  readMachine({
    readFile: async (path): Promise<FileResult> =>
      files[path] === undefined
        ? { outcome: 'absent', message: 'not there' }
        : { outcome: 'read', text: files[path], truncated: false },
  });
const both = (id: string, boot: string) =>
  of({ '/etc/machine-id': `${id}\n`, '/proc/sys/kernel/random/boot_id': `${boot}\n` });

test('one machine is one sum until it boots again, and a clone is another', async () => {
  const sum = await both(machineId, bootId);
  expect(sum).toMatch(/^[0-9a-f]{64}$/);
  expect(sum).not.toContain(machineId);
  expect(await both(machineId, bootId)).toBe(sum);
  expect(await both(machineId, other)).not.toBe(sum);
  expect(await both('0'.repeat(32), bootId)).not.toBe(sum);
});

test.each([
  ['no machine id', { '/proc/sys/kernel/random/boot_id': bootId }],
  ['no boot id', { '/etc/machine-id': machineId }],
  [
    'an image that was never booted',
    { '/etc/machine-id': 'uninitialized\n', '/proc/sys/kernel/random/boot_id': bootId },
  ],
  ['an empty file', { '/etc/machine-id': '', '/proc/sys/kernel/random/boot_id': bootId }],
])('%s names none', async (_, files) => {
  expect(await of(files)).toBeNull();
});
