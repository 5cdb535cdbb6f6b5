import type { Duplex } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import type { HostAccess } from '../host-access.ts';
import { answered } from './answered.ts';

/** SSH_OPEN_ADMINISTRATIVELY_PROHIBITED (RFC 4254, 5.1). */
const prohibited = 1;

const refusedBy = (code: string, message: string): Error => Object.assign(new Error(message), { code });

const openForward = (client: Client, path: string, deadlineSeconds: number): Promise<ClientChannel> =>
  answered<ClientChannel>(
    (done) => client.openssh_forwardOutStreamLocal(path, done),
    (late) => late.close(),
    deadlineSeconds,
  );

/**
 * A Unix socket of the host, as HostAccess promises it. sshd says only that it did not connect, so what the path is
 * tells why: absent, not ours to write, or nobody listening.
 */
export async function forwardSocket(
  client: Client,
  access: Pick<HostAccess, 'run'>,
  { path, deadlineSeconds }: { readonly path: string; readonly deadlineSeconds: number },
): Promise<Duplex> {
  try {
    const channel = await openForward(client, path, deadlineSeconds);
    channel.on('error', () => {});
    return channel;
  } catch (error) {
    const { code, reason, message } = error as Error & { code?: string; reason?: number };
    if (code === 'ETIMEDOUT') throw refusedBy(code, `${path}: no connection within ${deadlineSeconds} s`);
    if (reason === undefined) throw refusedBy('ECONNREFUSED', `${path}: ${message}`);
    const test = async (flag: '-e' | '-w'): Promise<boolean> => {
      const limits = { deadlineSeconds, maxOutputBytes: 1024 };
      return (await access.run(['test', flag, path], limits)).exitCode === 0;
    };
    if (!(await test('-e'))) throw refusedBy('ENOENT', `${path}: is not there`);
    if (!(await test('-w'))) throw refusedBy('EACCES', `${path}: the account may not use it`);
    throw reason === prohibited
      ? refusedBy('EACCES', `${path}: the SSH server forwards no sockets (AllowStreamLocalForwarding)`)
      : refusedBy('ECONNREFUSED', `${path}: nobody listens`);
  }
}
