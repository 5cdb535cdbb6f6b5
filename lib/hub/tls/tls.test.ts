import { X509Certificate } from 'node:crypto';
import { copyFile, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadOwnTls } from './load-tls.ts';

const now = Date.now();
const logged: string[] = [];
const at = (nowMillis: number) => ({ nowMillis, log: (line: string) => void logged.push(line) });
const yearMillis = 365 * 86_400_000;
let folder: string;
beforeEach(async () => {
  logged.length = 0;
  folder = await mkdtemp(join(tmpdir(), 'gpufleet-tls-'));
});
afterEach(() => rm(folder, { recursive: true }));

function chainOf(pem: string) {
  return pem.split(/(?=-----BEGIN)/).map((part) => new X509Certificate(part));
}

it('makes an authority and a certificate that a client verifies by that authority alone', async () => {
  const tls = await loadOwnTls(folder, ['localhost', '127.0.0.1', '::1'], at(now));
  const server = createServer({ cert: tls.cert, key: tls.key }, (socket) => socket.end()).listen(
    0,
    '127.0.0.1',
  );
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const socket = await new Promise<TLSSocket>((resolve, reject) => {
    const opened = connect({ port, host: '127.0.0.1', ca: tls.caCertificate ?? '' }, () => resolve(opened));
    opened.once('error', reject);
  });
  expect(socket.authorized).toBe(true);
  expect(
    socket.getPeerCertificate(true).issuerCertificate.fingerprint256.replaceAll(':', '').toLowerCase(),
  ).toBe(tls.caFingerprint?.slice('sha256:'.length));
  socket.destroy();
  server.close();
});

it('keeps what it made, readable by its owner only', async () => {
  const first = await loadOwnTls(folder, ['localhost'], at(now));
  expect(await loadOwnTls(folder, ['localhost'], at(now))).toEqual(first);
  expect((await stat(join(folder, 'tls', 'ca-key.pem'))).mode & 0o777).toBe(0o600);
});

it('renews for another name or an end that is near, with the same key and authority', async () => {
  const first = await loadOwnTls(folder, ['localhost'], at(now));
  const named = await loadOwnTls(folder, ['localhost', 'hub.example'], at(now));
  expect(named.cert).not.toBe(first.cert);
  expect(chainOf(named.cert)[0]?.checkHost('hub.example')).toBe('hub.example');
  const later = await loadOwnTls(
    folder,
    ['localhost', 'hub.example'],
    at(now + yearMillis - 30 * 86_400_000),
  );
  expect(later.cert).not.toBe(named.cert);
  expect([named.keyPin, later.keyPin]).toEqual([first.keyPin, first.keyPin]);
  expect(later.caFingerprint).toBe(first.caFingerprint);
});

it('reissues what another authority signed, with the same key, and says that hosts are to be added again', async () => {
  const first = await loadOwnTls(folder, ['localhost'], at(now));
  for (const name of ['ca.pem', 'ca-key.pem']) await rm(join(folder, 'tls', name));
  const second = await loadOwnTls(folder, ['localhost'], at(now));
  const [server, authority] = chainOf(second.cert);
  expect(authority && server?.verify(authority.publicKey)).toBe(true);
  expect(second.caFingerprint).not.toBe(first.caFingerprint);
  expect(second.keyPin).toBe(first.keyPin);
  expect(logged).toEqual([expect.stringContaining('add its hosts again')]);
});

it.each(['lost', 'of another'])(
  'an authority whose key is %s is kept as long as its certificate lasts, then refused',
  async (how) => {
    const first = await loadOwnTls(folder, ['localhost'], at(now));
    const tls = join(folder, 'tls');
    if (how === 'lost') await rm(join(tls, 'ca-key.pem'));
    else await copyFile(join(tls, 'server-key.pem'), join(tls, 'ca-key.pem'));
    expect(await loadOwnTls(folder, ['localhost', 'new.example'], at(now + yearMillis - 1000))).toEqual(
      first,
    );
    expect(logged).toEqual([expect.stringMatching(/ca-key\.pem .* cannot be renewed/)]);
    await expect(loadOwnTls(folder, ['localhost'], at(now + yearMillis + 1000))).rejects.toThrow(
      /^[^\n]*ca-key\.pem [^\n]*$/,
    );
    await rm(join(tls, 'server.pem'));
    await expect(loadOwnTls(folder, ['localhost'], at(now))).rejects.toThrow('ca-key.pem');
  },
);
