import { KeyObject } from 'node:crypto';
import { type AddressInfo, connect, createServer } from 'node:net';
import { PassThrough } from 'node:stream';
import ssh2, { type Client } from 'ssh2';
import { afterEach, describe, expect, test } from 'vitest';
import { makeKeyPair } from './hub-target.ts';
import { joinWrites, prepareKeys } from './lean-client.ts';

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

/** A server of ssh2 that echoes what `exec` is asked to. */
function startServer(): Promise<number> {
  const { privateText: key } = makeKeyPair('');
  const server = new ssh2.Server({ hostKeys: [key] }, (connection) => {
    connection.on('error', () => {});
    connection.on('authentication', (context) => context.accept());
    connection.on('session', (accept) => {
      accept().on('exec', (acceptExec, _reject, { command }) => {
        const channel = acceptExec();
        channel.write(command);
        channel.exit(0);
        channel.end();
      });
    });
  });
  open.push(() => server.close());
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

async function login(port: number, cipher: 'aes128-gcm@openssh.com' | 'aes128-ctr'): Promise<Client> {
  const sock = connect({ host: '127.0.0.1', port });
  const client = new ssh2.Client();
  open.push(() => client.destroy());
  joinWrites(sock);
  prepareKeys(client);
  await new Promise<void>((resolve, reject) => {
    client.once('ready', () => resolve());
    client.once('error', reject);
    client.connect({ sock, username: 'ada', password: 'x', algorithms: { cipher: [cipher] } });
  });
  return client;
}

const said = (client: Client, command: string): Promise<string> =>
  new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) return reject(error);
      let text = '';
      channel.on('data', (chunk: Buffer) => {
        text += chunk;
      });
      channel.on('close', () => resolve(text));
    });
  });

interface Inside {
  readonly _protocol: {
    readonly _cipher: Record<string, unknown>;
    readonly _decipher: Record<string, unknown>;
    rekey(): void;
  };
}

describe('prepareKeys', () => {
  // The fields are ssh2's own: with another version of it this says that they are to be looked for again.
  test.each([
    ['aes128-gcm@openssh.com', '_encKey', '_decipherKey'],
    ['aes128-ctr', '_macKey', '_macKey'],
  ] as const)('%s: keys are ready, before and after they were changed', async (cipher, outward, inward) => {
    const client = await login(await startServer(), cipher);
    const inside = client as unknown as Inside;
    const keys = () => [inside._protocol._cipher[outward], inside._protocol._decipher[inward]];
    const before = keys();
    expect(before.every((key) => key instanceof KeyObject)).toBe(true);
    expect(await said(client, 'one')).toBe('one');
    const changed = new Promise<void>((resolve) => client.once('handshake', () => resolve()));
    inside._protocol.rekey();
    await changed;
    expect(await said(client, 'two')).toBe('two');
    const after = keys();
    expect(after.every((key, at) => key instanceof KeyObject && key !== before[at])).toBe(true);
  });
});

describe('joinWrites', () => {
  test('what is written in one turn arrives as one piece, in order, and the end after it', async () => {
    const pieces: string[] = [];
    const server = createServer((socket) => socket.on('data', (chunk) => pieces.push(String(chunk))));
    open.push(() => server.close());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    const ended = new Promise<void>((resolve) =>
      server.once('connection', (socket) => socket.once('end', () => resolve())),
    );
    const socket = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
    open.push(() => socket.destroy());
    await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
    socket.setNoDelay(true);
    joinWrites(socket);
    for (const piece of ['a', 'b', 'c']) socket.write(piece);
    await expect.poll(() => pieces.join('')).toBe('abc');
    expect(pieces).toEqual(['abc']);
    socket.write('d');
    socket.end('e');
    await ended;
    expect(pieces.join('')).toBe('abcde');
  });

  test('what takes single pieces only, such as a way through a jump host, gets them all', async () => {
    const pipe = new PassThrough();
    joinWrites(pipe);
    const got: string[] = [];
    pipe.on('data', (chunk: Buffer) => got.push(String(chunk)));
    for (const piece of ['a', 'b', 'c']) pipe.write(piece);
    await expect.poll(() => got.join('')).toBe('abc');
  });
});
