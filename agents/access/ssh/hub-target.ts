import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type AnyAuthMethod } from 'ssh2';
import type { SshTarget } from './connection.ts';
import { readIdentity } from './identity.ts';
import { type KnownHosts, parseKnownHosts } from './known-hosts.ts';
import { parseAddress } from './resolve.ts';
import { SshError } from './ssh-error.ts';

/** A private key as a hub has it: its text, or where it lies. */
export type HubKey =
  | { readonly text: string }
  | { readonly path: string; readonly passphrase: string | null };

export interface HubTarget {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** `[user@]host[:port]`, the nearest first; the same key and user unless told. */
  readonly jumps: readonly string[];
  readonly key: HubKey;
  /** Lines that a person accepted, beside the known_hosts files of the hub's user and of its machine. */
  readonly knownHosts: string;
}

const readIfThere = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw new SshError('known-hosts', error.message);
  });

let lastKnown: { readonly text: string; readonly hosts: KnownHosts } | null = null;

/** All hosts of a hub share the same lines: read once, and not kept once for each connection. */
function knownHostsOf(text: string): KnownHosts {
  if (lastKnown?.text !== text) lastKnown = { text, hosts: parseKnownHosts(text) };
  return lastKnown.hosts;
}

const parsed = (text: string) => {
  const key = ssh2.utils.parseKey(text);
  if (key instanceof Error) throw new SshError('identity', `the hub’s key cannot be used: ${key.message}`);
  return key;
};

async function identityOf(user: string, key: HubKey): Promise<readonly AnyAuthMethod[]> {
  if ('text' in key) return [{ type: 'publickey', username: user, key: parsed(key.text) }];
  return readIdentity(user, {
    keyFiles: [key.path],
    optionalKeyFiles: [],
    passphrase: key.passphrase,
    agentSocket: null,
  });
}

/** What people accepted, and the known_hosts files of the hub's user and its machine. Rejects with SshError. */
export async function knownHostsText({ knownHosts }: Pick<HubTarget, 'knownHosts'>): Promise<string> {
  const files = [join(homedir(), '.ssh', 'known_hosts'), '/etc/ssh/ssh_known_hosts'];
  return [knownHosts, ...(await Promise.all(files.map(readIfThere)))].join('\n');
}

/** The hosts to go through and the host itself. Rejects with SshError. */
export async function hubTargets(
  wanted: HubTarget,
): Promise<{ readonly target: SshTarget; readonly jumps: readonly SshTarget[] }> {
  const knownHosts = knownHostsOf(await knownHostsText(wanted));
  const target = async (host: string, port: number, user: string): Promise<SshTarget> => ({
    host,
    port,
    user,
    identity: await identityOf(user, wanted.key),
    knownHosts,
    isHubs: true,
  });
  const jumps: SshTarget[] = [];
  for (const jump of wanted.jumps) {
    const at = parseAddress(jump);
    if (at === null) throw new SshError('settings', `jump host ${jump}: this is no [user@]host[:port]`);
    jumps.push(await target(at.host, at.port ?? 22, at.user ?? wanted.user));
  }
  return { target: await target(wanted.address, wanted.port, wanted.user), jumps };
}

/** A fresh ed25519 pair: the private part as OpenSSH writes it, the public one as authorized_keys takes it. */
export function makeKeyPair(comment: string): { readonly privateText: string; readonly publicLine: string } {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment });
    // One in 256 cannot be read: ssh2 cuts the zeros off that a public part begins with (its issue 1390).
    const isWhole = [pair.private, pair.public].every(
      (text) => !(ssh2.utils.parseKey(text) instanceof Error),
    );
    if (isWhole) return { privateText: pair.private, publicLine: pair.public.trim() };
  }
  throw new SshError('identity', 'no key could be made that can be read again');
}

const mostTries = 20;

/** The public part of a key in a file. Rejects with SshError for one that cannot be used. */
export async function publicLineOf(path: string, passphrase: string | null): Promise<string> {
  const [method] = await identityOf('nobody', { path, passphrase });
  const key = (method as { readonly key?: { type: string; getPublicSSH(): Buffer } } | undefined)?.key;
  if (key === undefined) throw new SshError('identity', `${path}: holds no key`);
  return `${key.type} ${key.getPublicSSH().toString('base64')}`;
}
