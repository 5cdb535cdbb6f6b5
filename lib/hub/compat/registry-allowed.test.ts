import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { imageFromRegistry } from './registry.ts';

const folder = mkdtempSync(join(tmpdir(), 'gf-registry-'));
let asked: string[];
let server: Server;
let host: string;

/** A registry that only notes what it is asked, and has nothing. */
beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.close();
  rmSync(join(folder, 'config.json'), { force: true });
});

const authOf = (config: unknown): string => {
  const path = join(folder, 'config.json');
  writeFileSync(path, JSON.stringify(config));
  return path;
};

test('a registry that the settings do not name is never asked', async () => {
  const settings = { registries: ['nvcr.io', 'docker.io'], authFile: null };
  await expect(imageFromRegistry(`${host}/team/image:1`, settings)).rejects.toMatchObject({
    code: 'not-found',
    message: expect.stringContaining('--image-registry'),
  });
  expect(asked).toEqual([]);
});

test('one that they name is, and says what it has not', async () => {
  const settings = { registries: [host], authFile: null };
  await expect(imageFromRegistry(`${host}/team/image:1`, settings)).rejects.toMatchObject({
    code: 'not-found',
  });
  expect(asked).toEqual(['/v2/team/image/manifests/1']);
});

test.each<[string, () => string, string]>([
  ['cannot be read', () => join(folder, 'nowhere.json'), '--image-registry-auth'],
  [
    'keeps them with a program',
    () => authOf({ credHelpers: { [host]: 'desktop' } }),
    'docker-credential-desktop',
  ],
])('a file of credentials that %s is said', async (_name, file, words) => {
  await expect(
    imageFromRegistry(`${host}/team/image:1`, { registries: [host], authFile: file() }),
  ).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining(words) });
  expect(asked).toEqual([]);
});

test('what is no image is refused with its field', async () => {
  await expect(imageFromRegistry('Team/Image', { registries: [host], authFile: null })).rejects.toMatchObject(
    {
      code: 'unprocessable',
      errors: [{ pointer: '/image' }],
    },
  );
});
