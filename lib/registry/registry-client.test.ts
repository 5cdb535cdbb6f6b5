import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type ReadImageOptions, readImage } from './read-image.ts';

const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const indexType = 'application/vnd.oci.image.index.v1+json';

const configOf = (architecture: string) =>
  JSON.stringify({
    os: 'linux',
    architecture,
    config: { Env: [`ARCH=${architecture}`], Labels: { a: 'b' } },
  });
const manifestOf = (config: string) =>
  JSON.stringify({ mediaType: manifestType, config: { digest: digestOf(config) } });

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((done) => server.close(done))));
});

/** A server on loopback; resolves to `host:port`. */
async function serve(handle: Handle): Promise<string> {
  const server = createServer(handle);
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const send = (response: ServerResponse, body: string, type = 'application/octet-stream') => {
  response.writeHead(200, { 'content-type': type, connection: 'close' });
  response.end(body);
};

const stranger: ReadImageOptions = { credentials: null, isInsecure: false, deadlineMilliseconds: 5000 };
const reader: ReadImageOptions = {
  ...stranger,
  credentials: { kind: 'password', username: 'reader', password: 'secret' },
};

const amd = configOf('amd64');
const arm = configOf('arm64');
const index = JSON.stringify({
  mediaType: indexType,
  manifests: [arm, amd].map((config) => ({
    digest: digestOf(manifestOf(config)),
    platform: { os: 'linux', architecture: config === amd ? 'amd64' : 'arm64' },
  })),
});

/** A registry with one image for two platforms. */
const image: Handle = ({ url = '' }, response) => {
  if (url === '/v2/team/app/manifests/latest') return send(response, index, indexType);
  for (const config of [amd, arm]) {
    if (url === `/v2/team/app/manifests/${digestOf(manifestOf(config))}`)
      return send(response, manifestOf(config), manifestType);
    if (url === `/v2/team/app/blobs/${digestOf(config)}`) return send(response, config);
  }
  response.writeHead(404).end();
};

describe('an image read from a registry', () => {
  it('is that of the platform', async () => {
    const host = await serve(image);
    expect(await readImage(`${host}/team/app`, stranger)).toEqual({
      digest: digestOf(amd),
      os: 'linux',
      architecture: 'amd64',
      environment: ['ARCH=amd64'],
      labels: { a: 'b' },
    });
    const platform = { os: 'linux', architecture: 'arm64' };
    expect((await readImage(`${host}/team/app`, { ...stranger, platform })).digest).toBe(digestOf(arm));
    const none = { os: 'linux', architecture: 'riscv64' };
    await expect(readImage(`${host}/team/app`, { ...stranger, platform: none })).rejects.toMatchObject({
      code: 'not-found',
      message: 'The image has nothing for linux/riscv64.',
    });
  });

  it('takes a token where the registry asks for one, and names its repository', async () => {
    const asked: string[] = [];
    const tokens = await serve(({ url = '', headers }, response) => {
      asked.push(`${url} ${headers.authorization}`);
      send(response, JSON.stringify({ token: 'abc' }), 'application/json');
    });
    const host = await serve((request, response) => {
      if (request.headers.authorization === 'Bearer abc') return image(request, response);
      const challenge = `Bearer realm="http://${tokens}/token",service="s",scope="repository:team/app:pull"`;
      response.writeHead(401, { 'www-authenticate': challenge }).end();
    });
    expect((await readImage(`${host}/team/app`, reader)).digest).toBe(digestOf(amd));
    const basic = Buffer.from('reader:secret').toString('base64');
    expect(asked).toEqual([`/token?scope=repository%3Ateam%2Fapp%3Apull&service=s Basic ${basic}`]);
  });

  it('goes without credentials to where a blob is kept', async () => {
    const seen: (string | undefined)[] = [];
    const store = await serve(({ headers }, response) => {
      seen.push(headers.authorization);
      send(response, amd);
    });
    const host = await serve((request, response) => {
      if (request.headers.authorization === undefined)
        return response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();
      if (!request.url?.includes('/blobs/')) return image(request, response);
      response.writeHead(307, { location: `http://${store}/blob` }).end();
    });
    expect((await readImage(`${host}/team/app`, reader)).digest).toBe(digestOf(amd));
    expect(seen).toEqual([undefined]);
  });

  it('is not signed in for where a place that it leads on to says', async () => {
    const asked: (string | undefined)[] = [];
    const thief = await serve(({ headers }, response) => {
      asked.push(headers.authorization);
      send(response, JSON.stringify({ token: 'abc' }), 'application/json');
    });
    const store = await serve((_request, response) => {
      response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${thief}/token"` }).end();
    });
    const host = await serve((request, response) => {
      if (!request.url?.includes('/blobs/')) return image(request, response);
      response.writeHead(307, { location: `http://${store}/blob` }).end();
    });
    await expect(readImage(`${host}/team/app`, reader)).rejects.toMatchObject({ code: 'not-allowed' });
    expect(asked).toEqual([]);
  });

  it('that leads on to what is no address is unreadable', async () => {
    const host = await serve((_request, response) => {
      response.writeHead(307, { location: 'http://[' }).end();
    });
    await expect(readImage(`${host}/team/app`, reader)).rejects.toMatchObject({ code: 'unreadable' });
  });

  it('that is not what its digest says is refused', async () => {
    const host = await serve((request, response) =>
      request.url?.includes('/blobs/') ? send(response, arm) : image(request, response),
    );
    await expect(readImage(`${host}/team/app`, stranger)).rejects.toMatchObject({ code: 'unreadable' });
  });

  it.each<[string, Handle, string]>([
    ['nobody may read', (_, response) => response.writeHead(403).end(), 'not-allowed'],
    ['is not there', (_, response) => response.writeHead(404).end(), 'not-found'],
    ['is too large', (_, response) => send(response, 'x'.repeat(5 * 1024 * 1024), manifestType), 'too-large'],
    ['is no JSON', (_, response) => send(response, '<html>', manifestType), 'unreadable'],
    ['is of an old kind', (_, response) => send(response, '{"schemaVersion":1}', 'text/plain'), 'unreadable'],
    [
      'is behind an endless road',
      ({ url }, response) => response.writeHead(302, { location: url }).end(),
      'unreadable',
    ],
    [
      'is in a file',
      (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
      'not-allowed',
    ],
    [
      'asks for an unknown way in',
      (_, response) => response.writeHead(401, { 'www-authenticate': 'Digest a=b' }).end(),
      'not-allowed',
    ],
  ])('says why when it %s', async (_, handle, code) => {
    const host = await serve(handle);
    await expect(readImage(`${host}/team/app`, stranger)).rejects.toMatchObject({ code });
  });

  it('says that it asks for credentials, and that these do not do', async () => {
    const host = await serve((_, response) =>
      response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end(),
    );
    await expect(readImage(`${host}/team/app`, stranger)).rejects.toThrow(
      `${host} asks for credentials to read team/app: docker login ${host}, and there are none.`,
    );
    await expect(readImage(`${host}/team/app`, reader)).rejects.toThrow(
      `${host} does not let these credentials read team/app.`,
    );
  });

  it('does not wait for ever', async () => {
    const host = await serve(() => undefined);
    const read = readImage(`${host}/team/app`, { ...stranger, deadlineMilliseconds: 200 });
    await expect(read).rejects.toMatchObject({ code: 'unreachable' });
    servers[0]?.closeAllConnections();
  });

  it('is not asked for in clear anywhere but on this machine, unless that is said', async () => {
    let asked = 0;
    const host = await serve((request, response) => {
      asked += 1;
      image(request, response);
    });
    // Linux takes it for this machine; we do not.
    const other = host.replace('127.0.0.1', '0.0.0.0');
    await expect(readImage(`${other}/team/app`, stranger)).rejects.toMatchObject({ code: 'unreachable' });
    expect(asked).toBe(0);
    const read = await readImage(`${other}/team/app`, { ...stranger, isInsecure: true });
    expect(read.digest).toBe(digestOf(amd));
  });
});
