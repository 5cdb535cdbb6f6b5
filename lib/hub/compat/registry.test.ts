import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { imageFromRegistry } from './registry.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const asked = async (config: string): Promise<Error> => {
  const folder = mkdtempSync(join(tmpdir(), 'gpufleet-registry-'));
  folders.push(folder);
  const authFile = join(folder, 'config.json');
  writeFileSync(authFile, config);
  return imageFromRegistry('registry.invalid/app', { registries: ['registry.invalid'], authFile }).then(
    () => new Error('it was read'),
    (error: Error) => error,
  );
};

test('a file of credentials that is no JSON is said to be none, and nothing of it is told', async () => {
  const error = await asked('{"auths":{"registry.invalid":{"auth":"c2VjcmV0" oops}}}');
  expect(error).toMatchObject({ code: 'unavailable' });
  expect(error.cause).toBeUndefined();
  expect(error.message).toContain('is not JSON');
  expect(String(error.stack)).not.toContain('c2VjcmV0');
});

test('a registry that the settings do not name is never asked', async () => {
  await expect(
    imageFromRegistry('127.0.0.1:1/app', { registries: ['registry.invalid'], authFile: null }),
  ).rejects.toMatchObject({ code: 'not-found' });
});
