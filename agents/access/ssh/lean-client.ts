import { createSecretKey } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';

/**
 * What is written within one round of the event loop goes out at once: ssh2 writes each packet in three pieces, which are
 * as many system calls and, since nothing is delayed, as many segments.
 */
export function joinWrites(socket: Duplex): void {
  const write = socket.write.bind(socket) as (...words: unknown[]) => boolean;
  let isJoining = false;
  const joined = (...words: unknown[]): boolean => {
    if (!isJoining) {
      isJoining = true;
      socket.cork();
      setImmediate(() => {
        isJoining = false;
        socket.uncork();
      });
    }
    return write(...words);
  };
  socket.write = joined as Duplex['write'];
}

/** Fields of ssh2's ciphers that hold a key as bytes, handed to node:crypto anew for each packet. */
const keyFields = ['_encKey', '_decipherKey', '_macKey'] as const;

/**
 * Keys are prepared once and not for each packet, which took more than the packet itself. ssh2 has no option for it, so
 * this reaches into the version that is pinned; where another has other fields, it is only slower.
 */
export function prepareKeys(client: Client): void {
  client.on('handshake', () => {
    const { _protocol: protocol } = client as unknown as {
      readonly _protocol?: Readonly<Record<'_cipher' | '_decipher', Record<string, unknown> | undefined>>;
    };
    for (const cipher of [protocol?._cipher, protocol?._decipher])
      for (const field of keyFields) {
        const key = cipher?.[field];
        if (cipher !== undefined && Buffer.isBuffer(key)) cipher[field] = createSecretKey(key);
      }
  });
}
