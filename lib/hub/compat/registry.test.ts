import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
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

test('the same question within five minutes is one to the registry, unless it failed', async () => {
  const config = JSON.stringify({
    os: 'linux',
    architecture: 'amd64',
    config: { Env: ['CUDA_VERSION=12.8.1'] },
  });
  const digest = `sha256:${createHash('sha256').update(config).digest('hex')}`;
  const asked: string[] = [];
  let isDown = true;
  const server = createServer(({ url = '' }, response) => {
    asked.push(url);
    if (isDown) return response.writeHead(503, { connection: 'close' }).end();
    const isManifest = url.includes('/manifests/');
    const type = isManifest ? 'application/vnd.oci.image.manifest.v1+json' : 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, connection: 'close' });
    return response.end(isManifest ? JSON.stringify({ config: { digest } }) : config);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  try {
    const registry = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const ask = () => imageFromRegistry(`${registry}/app`, { registries: [registry], authFile: null });
    await expect(ask()).rejects.toMatchObject({ code: 'unavailable' });
    isDown = false;
    const [one, two] = await Promise.all([ask(), ask()]);
    expect(one.image).toMatchObject({ digest, from: 'registry' });
    expect([two, await ask()]).toEqual([one, one]);
    expect(asked).toEqual([
      '/v2/app/manifests/latest',
      '/v2/app/manifests/latest',
      `/v2/app/blobs/${digest}`,
    ]);
  } finally {
    await new Promise((done) => server.close(done));
  }
});
