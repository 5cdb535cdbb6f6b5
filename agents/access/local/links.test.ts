import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createLocalAccess } from './index.ts';
import { linksIn } from './links.ts';

const folder = mkdtempSync(join(tmpdir(), 'gpufleet-links-'));
const limits = { deadlineSeconds: 2, maxOutputBytes: 10_000 };
mkdirSync(join(folder, 'lib'));
writeFileSync(join(folder, 'lib', 'libnvidia-ml.so.580.65.06'), '');
symlinkSync('libnvidia-ml.so.580.65.06', join(folder, 'lib', 'libnvidia-ml.so.1'));
symlinkSync('lib', join(folder, 'lib64'));
symlinkSync('nowhere/at-all', join(folder, 'broken'));
symlinkSync('circle', join(folder, 'circle'));
afterAll(() => rmSync(folder, { recursive: true }));

it('readlink -f is answered as the program does, without starting it', async () => {
  const paths = ['lib/libnvidia-ml.so.1', 'lib64/libnvidia-ml.so.1', 'lib/libnvidia-ml.so.580.65.06'].map(
    (name) => join(folder, name),
  );
  const before = process.env['PATH'];
  const access = createLocalAccess();
  // Nothing could be started from here.
  process.env['PATH'] = '/nowhere';
  const result = await access.run(['readlink', '-f', ...(paths as [string])], limits);
  process.env['PATH'] = before;
  await access.close();
  expect(result).toMatchObject({ outcome: 'exited', exitCode: 0, stderr: '' });
  expect(result.stdout).toBe(execFileSync('readlink', ['-f', ...paths], { encoding: 'utf8' }));
});

it('what leads nowhere is left out, and its exit code is 1', async () => {
  const access = createLocalAccess();
  const good = join(folder, 'lib64', 'libnvidia-ml.so.1');
  const bad = ['broken', 'circle', 'absent/below'].map((name) => join(folder, name));
  const result = await access.run(['readlink', '-f', bad[0] ?? '', good, ...bad.slice(1)], limits);
  await access.close();
  expect(result).toMatchObject({ outcome: 'exited', exitCode: 1 });
  expect(result.stdout).toMatch(/^\/.*libnvidia-ml\.so\.580\.65\.06\n$/);
});

it.each([
  [['readlink', '-f']],
  [['readlink', '-f', 'relative']],
  [['readlink', '/a']],
  [['/bin/readlink', '-f', '/a']],
])('%j is a program as any other', (command) => {
  expect(linksIn(command)).toBeNull();
});
