import { connect as connectTcp, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import ssh2, {
  type AnyAuthMethod,
  type Client,
  type ClientChannel,
  type ConnectConfig,
  type ServerHostKeyAlgorithm,
} from 'ssh2';
import { answered } from './answered.ts';
import {
  fingerprintOf,
  judgeKey,
  type KnownHosts,
  knownHostsName,
  knownTypes,
  typeOfKey,
} from './known-hosts.ts';
import { joinWrites, prepareKeys } from './lean-client.ts';
import { SshError } from './ssh-error.ts';

export interface SshTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly identity: readonly AnyAuthMethod[];
  readonly knownHosts: KnownHosts;
  /** A hub's: people accept keys there, and need no known_hosts. */
  readonly isHubs?: boolean;
}

/** TCP, handshake and login together. */
const connectSeconds = 15;
const mostKeepAliveSeconds = 10;
/** A login needs a few kilobytes, and a site's banner some more. */
const mostBytesBeforeLogin = 512 * 1024;

const rsaNames: readonly ServerHostKeyAlgorithm[] = ['rsa-sha2-512', 'rsa-sha2-256'];
/** No ssh-rsa (SHA-1) and no DSA. */
const hostKeyNames: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  ...rsaNames,
];

/** Known kinds first, so that the server shows a key that can be compared. */
function hostKeyOrder(known: readonly string[]): ServerHostKeyAlgorithm[] {
  const wanted = known.flatMap((type) =>
    type === 'ssh-rsa' ? rsaNames : hostKeyNames.filter((each) => each === type),
  );
  return [...new Set([...wanted, ...hostKeyNames])];
}

/** Why the key that a host shows is not taken; null when it is. */
function keyFault(target: SshTarget, key: Buffer): SshError | null {
  const name = knownHostsName(target.host, target.port);
  const shown = fingerprintOf(key);
  const type = typeOfKey(key);
  const seen = { fingerprint: shown, knownHostsLine: `${name} ${type} ${key.toString('base64')}` };
  const verdict = judgeKey(target.knownHosts, name, key);
  if (verdict === 'known') return null;
  const lines = target.knownHosts.unreadableLines.length;
  const unread = lines === 0 ? '' : ` (${lines} lines of known_hosts say nothing to us)`;
  if (verdict === 'unknown')
    return new SshError(
      'unknown-key',
      `${name}: its ${type} key ${shown} ${target.isHubs === true ? 'is not accepted yet' : 'is not in known_hosts'}; compare it with the host's own (ssh-keygen -lf /etc/ssh/ssh_host_*.pub), then ${target.isHubs === true ? 'accept' : 'add'} it${unread}`,
      seen,
    );
  if (verdict === 'changed')
    return new SshError(
      'changed-key',
      `${name}: shows the ${type} key ${shown}, and ${target.isHubs === true ? 'another was accepted' : 'known_hosts has another'}: the host was reinstalled, or somebody stands between; nothing was sent`,
      seen,
    );
  if (verdict === 'revoked')
    return new SshError('revoked-key', `${name}: its ${type} key ${shown} is @revoked in known_hosts`, seen);
  return new SshError(
    'needs-certificate',
    `${name}: known_hosts has only a @cert-authority for it, which ssh2 cannot check; add its ${type} key ${shown}, or read it by the OpenSSH client`,
    seen,
  );
}

/** What the host said before a login was through. */
interface Heard {
  bytes: number;
  /** Its last banner, cut: OpenSSH says there why PAM closes an account. */
  banner: string;
  /** It showed its key and talked of ours; OpenSSH refuses a key aloud, so a door that closes then is the account's. */
  isPastHandshake: boolean;
}

/** What ssh2 reports before the login is through, as a condition. */
function connectFault(
  target: SshTarget,
  error: Error & { level?: string; code?: string },
  heard: Heard,
): SshError {
  const place = `${target.user}@${target.host}:${target.port}`;
  if (error instanceof SshError) return error;
  if (error.level === 'client-authentication')
    return new SshError(
      'refused',
      `${place}: the host takes none of our keys for ${target.user} (is the key in its authorized_keys, is the account locked or expired?)`,
    );
  if (error.level === 'client-timeout')
    return heard.bytes === 0
      ? new SshError('silent', `${place}: takes the connection and says nothing for ${connectSeconds} s`)
      : new SshError('no-handshake', `${place}: connected, and no login within ${connectSeconds} s`);
  if (heard.isPastHandshake && error.level === undefined && error.code === undefined)
    return new SshError(
      'account-closed',
      `${place}: the host closes at the login; is the account expired or locked? ${heard.banner === '' ? '' : `It says: ${heard.banner}`}`.trim(),
    );
  if (error.level === 'agent') return new SshError('identity', `ssh-agent: ${error.message}`);
  if (error.level === 'handshake' && /host key|no matching/i.test(error.message))
    return new SshError('no-handshake', `${place}: ${error.message}`);
  if (error.level === 'client-socket' || error.code !== undefined)
    return new SshError('unreachable', `${place}: ${error.message}`);
  return new SshError('no-handshake', `${place}: ${error.message}`);
}

/** RFC 4254, 5.1: what a jump host answers. */
function jumpFault(error: Error & { readonly reason?: number | string }): string {
  const text = error.message.replace(/^\(SSH\) Channel open failure: /, '');
  if (error.reason === 1)
    return `it forbids this key or account to forward there (restrict, permitopen, AllowTcpForwarding): ${text}`;
  return error.reason === 2 ? `it reaches nothing there: ${text}` : text;
}

/** A TCP connection, or the way through the jump host before. */
function openSocket(target: SshTarget, through: Client | null): Promise<Duplex> {
  const { host, port } = target;
  return new Promise((resolve, reject) => {
    const fail = (message: string): void =>
      reject(new SshError('unreachable', `${host}:${port}: ${message}`));
    if (through !== null) {
      answered<ClientChannel>(
        (done) => through.forwardOut('127.0.0.1', 0, host, port, done),
        (late) => late.close(),
        connectSeconds,
      ).then(resolve, (error: Error) => fail(`not through the jump host: ${jumpFault(error)}`));
      return;
    }
    const socket: Socket = connectTcp({ host, port });
    const timer = setTimeout(() => {
      socket.destroy();
      fail(`no connection within ${connectSeconds} s`);
    }, connectSeconds * 1000);
    socket.once('error', (error) => {
      clearTimeout(timer);
      fail(error.message);
    });
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.removeAllListeners('error');
      socket.setNoDelay(true);
      resolve(socket);
    });
  });
}

/** Connects and logs in. Resolves with a client that is ready; rejects with SshError, and leaves nothing open then. */
async function openConnection(
  target: SshTarget,
  through: Client | null = null,
  keepAliveSeconds = mostKeepAliveSeconds,
): Promise<Client> {
  const sock = await openSocket(target, through);
  const client = new ssh2.Client();
  joinWrites(sock);
  prepareKeys(client);
  const known = knownTypes(target.knownHosts, knownHostsName(target.host, target.port));
  const methods = [...target.identity];
  let fault: SshError | null = null;
  const config: ConnectConfig = {
    sock: sock as NonNullable<ConnectConfig['sock']>,
    username: target.user,
    readyTimeout: connectSeconds * 1000,
    keepaliveInterval: keepAliveSeconds * 1000,
    keepaliveCountMax: 3,
    algorithms: { serverHostKey: hostKeyOrder(known) },
    hostVerifier: (key: Buffer) => {
      fault = keyFault(target, key);
      return fault === null;
    },
    authHandler: (_left, _partial, next) => next(methods.shift() ?? (false as unknown as AnyAuthMethod)),
  };
  return new Promise((resolve, reject) => {
    const heard: Heard = { bytes: 0, banner: '', isPastHandshake: false };
    client.on('handshake', () => {
      heard.isPastHandshake = true;
    });
    client.on('banner', (text: string) => {
      heard.banner = text.replace(/\s+/g, ' ').trim().slice(0, 300);
    });
    const count = (chunk: Buffer): void => {
      heard.bytes += chunk.length;
      if (heard.bytes > mostBytesBeforeLogin)
        fail(new SshError('endless-banner', `${target.host}: sends without end and comes to no login`));
    };
    const settle = (): void => {
      sock.off('data', count);
      client.off('close', onClose);
      client.off('error', fail);
      // Whoever uses it hears of the end by 'close'.
      client.on('error', () => {});
    };
    const fail = (error: Error): void => {
      settle();
      client.destroy();
      sock.destroy();
      reject(fault ?? connectFault(target, error, heard));
    };
    const onClose = (): void => fail(new Error('the host closed the connection before the login'));
    client.on('error', fail);
    client.on('close', onClose);
    client.once('ready', () => {
      settle();
      resolve(client);
    });
    client.connect(config);
    sock.on('data', count);
  });
}

/** Connections through each host to the next; ends them all. */
export interface Road {
  /** To the last host. */
  readonly client: Client;
  hangUp(): void;
}

/**
 * Logs in to each host through the one before it. Rejects with SshError and nothing left open.
 * @param targets the nearest first, at least one
 */
export async function openRoad(targets: readonly SshTarget[], keepAliveSeconds?: number): Promise<Road> {
  const clients: Client[] = [];
  try {
    for (const target of targets)
      clients.push(await openConnection(target, clients.at(-1) ?? null, keepAliveSeconds));
  } catch (error) {
    for (const client of clients) client.destroy();
    throw error;
  }
  return {
    client: clients.at(-1) as Client,
    hangUp() {
      // The nearest last: the others' connections go through it.
      for (const each of [...clients].reverse()) each.end();
      for (const each of clients) each.destroy();
    },
  };
}
