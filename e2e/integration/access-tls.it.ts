import { appendFileSync, copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mustRun } from './support/programs.ts';
import { send } from './support/pusher.ts';
import { Cleanup, eventually, temporaryFolder } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

let folder: string;
let hub: TestHub;
const cert = () => join(folder, 'tls.crt');
const key = () => join(folder, 'tls.key');

/** A self-signed certificate and its key, as files beside the ones in use. */
async function make(name: string, days = 365): Promise<{ cert: string; key: string }> {
  const made = { cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'];
  const algorithm = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-x509'];
  await mustRun([
    'openssl',
    'req',
    ...algorithm,
    '-days',
    String(days),
    ...subject,
    '-keyout',
    made.key,
    '-out',
    made.cert,
  ]);
  return made;
}

/** Who a new connection meets. */
async function presented(): Promise<string> {
  const socket = await new Promise<TLSSocket>((resolve, reject) => {
    const opened = connect({ port: hub.port, host: '127.0.0.1', rejectUnauthorized: false }, () =>
      resolve(opened),
    );
    opened.once('error', reject);
  });
  const name = socket.getPeerCertificate().subject.CN;
  socket.destroy();
  return String(name);
}

const refusals = (): number => hub.output.split('cannot be used, the one before stays').length - 1;
beforeAll(async () => {
  folder = temporaryFolder(cleanup, 'tls');
  const first = await make('first');
  copyFileSync(first.cert, cert());
  copyFileSync(first.key, key());
  const options = ['--tls-cert', cert(), '--tls-key', key(), '--public-url', 'https://gpus.example'];
  hub = await startTestHub(cleanup, { options });
});

test('changed files are in use for new connections, and open ones go on', async () => {
  expect(await presented()).toBe('first');
  const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
  cleanup.add(() => agent.destroy());
  const onOpenConnection = () =>
    new Promise<{ status: number; port: number; name: string }>((resolve, reject) => {
      const outgoing = request({ agent, port: hub.port, host: '127.0.0.1', path: '/healthz' }, (response) => {
        const socket = response.socket as TLSSocket;
        const name = String(socket.getPeerCertificate().subject?.CN);
        response
          .resume()
          .on('end', () => resolve({ status: response.statusCode ?? 0, port: socket.localPort ?? 0, name }));
      });
      outgoing.on('error', reject).end();
    });
  const before = await onOpenConnection();
  const second = await make('second');
  copyFileSync(second.cert, cert());
  copyFileSync(second.key, key());
  await eventually(async () => (await presented()) === 'second', {
    seconds: 10,
    what: 'the new certificate',
  });
  expect(await onOpenConnection()).toEqual({ ...before, name: 'first' });
});

test('a half-written pair keeps the one before, is said once, and is taken when it is whole', async () => {
  const third = await make('third');
  const before = refusals();
  copyFileSync(third.cert, cert());
  await eventually(async () => refusals() === before + 1, { seconds: 10, what: 'the refusal to be said' });
  expect(await presented()).toBe('second');
  expect(hub.output).toContain(`${key()} is not the key of ${cert()}`);
  copyFileSync(third.key, key());
  await eventually(async () => (await presented()) === 'third', { seconds: 10, what: 'the whole pair' });
  expect(refusals()).toBe(before + 1);
});

test('a chain that was cut off is no certificate, and files that are gone stop nothing', async () => {
  const whole = readFileSync(cert(), 'utf8');
  appendFileSync(cert(), whole.slice(0, whole.length / 2));
  await eventually(async () => hub.output.includes(`${cert()} is not a certificate in PEM`), {
    seconds: 10,
    what: 'the cut chain to be said',
  });
  renameSync(key(), `${key()}.away`);
  await eventually(async () => /ENOENT.*tls\.key/.test(hub.output), {
    seconds: 10,
    what: 'the lost key to be said',
  });
  expect(await presented()).toBe('third');
  const short = await make('short', 3);
  // As a renewal does it: whole files that take the place of the old ones.
  for (const [from, to] of [
    [short.key, key()],
    [short.cert, cert()],
  ] as const) {
    writeFileSync(`${to}.new`, readFileSync(from));
    renameSync(`${to}.new`, to);
  }
  await eventually(async () => (await presented()) === 'short', { seconds: 10, what: 'the renewed pair' });
  expect(hub.output).toMatch(/the certificate ends at .*: renew it/);
});

test('browsers are told to come by TLS only from now on', async () => {
  const answer = await send(`https://127.0.0.1:${hub.port}/healthz`, { method: 'GET' });
  expect(answer.headers['strict-transport-security']).toBe('max-age=31536000');
});
