import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'ssh-config';
import type { SshTarget } from './connection.ts';
import { readIdentity } from './identity.ts';
import { type KnownHosts, type KnownKey, parseKnownHosts } from './known-hosts.ts';
import { SshError } from './ssh-error.ts';

export interface ResolveOptions {
  /** Whose `.ssh` is read. */
  readonly home: string;
  /** Who logs in where neither the address nor the configuration says so. */
  readonly user: string;
  /** A private key; in place of those of the configuration. */
  readonly keyFile: string | null;
  /** In place of the known_hosts files of the person and the machine. */
  readonly knownHostsFile: string | null;
  readonly passphrase: string | null;
  readonly agentSocket: string | null;
}

export interface Address {
  readonly host: string;
  readonly user: string | null;
  readonly port: number | null;
}

const mostHops = 8;
const defaultKeys = ['id_ed25519', 'id_ecdsa', 'id_rsa'] as const;
const machineKnownHosts = '/etc/ssh/ssh_known_hosts';

/** `[user@]host[:port]`, with an IPv6 address in brackets where a port follows; null where it is none. */
export function parseAddress(text: string): Address | null {
  const at = text.lastIndexOf('@');
  const user = at < 0 ? null : text.slice(0, at);
  const place = text.slice(at + 1).match(/^(?:\[([0-9a-fA-F:.%\w]+)\]|([^\s:[\]/]+))(?::(\d{1,5}))?$/);
  const bare = place === null && /^[0-9a-fA-F:.]+$/.test(text.slice(at + 1)) ? text.slice(at + 1) : null;
  const host = bare ?? place?.[1] ?? place?.[2] ?? '';
  const port = place?.[3] === undefined ? null : Number(place[3]);
  if (host === '' || host.startsWith('-') || user === '' || /\s/.test(user ?? '')) return null;
  return port !== null && (port < 1 || port > 65_535) ? null : { host, user, port };
}

interface Settings {
  /** Every value of an option, whatever its case. */
  all(option: string): readonly string[];
  first(option: string): string | null;
}

/** What a configuration says of a host. Nothing is run for it: `Match exec` never matches, names are not looked up. */
function settingsFor(text: string, host: string, path: string): Settings {
  let found: Record<string, string | readonly string[]>;
  try {
    const harmless = text.replace(/^\s*CanonicalizeHostname\b.*$/gim, '');
    found = parse(harmless).compute({ Host: host }, { ignoreCase: true, matchExec: false });
  } catch (error) {
    throw new SshError('settings', `${path}: ${(error as Error).message}`);
  }
  const all = (option: string): readonly string[] => {
    const value = found[option.toLowerCase()];
    return value === undefined ? [] : typeof value === 'string' ? [value] : value;
  };
  return { all, first: (option) => all(option)[0] ?? null };
}

async function readIfThere(path: string, condition: 'settings' | 'known-hosts'): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return '';
    throw new SshError(condition, message);
  }
}

/** `~`, `%d` (home), `%h` (host), `%u`, `%r` (users) and `%%` of ssh_config(5). */
const expand = (path: string, words: Readonly<Record<string, string>>): string =>
  path
    .replace(/^~(?=\/)/, words['d'] ?? '~')
    .replace(/%([dhur%])/g, (whole, name: string) => (name === '%' ? '%' : (words[name] ?? whole)));

async function readKnownHosts(paths: readonly string[], mustBeThere: boolean): Promise<KnownHosts> {
  const keys: KnownKey[] = [];
  const unreadableLines: number[] = [];
  for (const path of paths) {
    const text = await readIfThere(path, 'known-hosts');
    if (text === '' && mustBeThere)
      throw new SshError('known-hosts', `${path}: no known_hosts file, or an empty one`);
    const read = parseKnownHosts(text);
    keys.push(...read.keys);
    unreadableLines.push(...read.unreadableLines);
  }
  return { keys, unreadableLines };
}

async function targetOf(
  { host, user, port }: Address,
  settings: Settings,
  options: ResolveOptions,
): Promise<SshTarget> {
  const name = (settings.first('HostName') ?? host).replaceAll('%h', host);
  const login = user ?? settings.first('User') ?? options.user;
  const ownPort = port ?? Number(settings.first('Port') ?? 22);
  if (!Number.isInteger(ownPort) || ownPort < 1 || ownPort > 65_535)
    throw new SshError('settings', `${host}: Port ${settings.first('Port')} of ~/.ssh/config is no port`);
  const words = { d: options.home, h: name, u: options.user, r: login };
  const folder = join(options.home, '.ssh');
  const configured = settings.all('IdentityFile').map((path) => expand(path, words));
  const usual = defaultKeys.map((each) => join(folder, each));
  const own = settings.all('UserKnownHostsFile').map((path) => expand(path, words));
  const knownHosts =
    options.knownHostsFile === null
      ? await readKnownHosts(
          [...(own.length > 0 ? own : [join(folder, 'known_hosts')]), machineKnownHosts],
          false,
        )
      : await readKnownHosts([options.knownHostsFile], true);
  const identity = await readIdentity(login, {
    keyFiles: options.keyFile === null ? [] : [options.keyFile],
    optionalKeyFiles: options.keyFile !== null ? [] : configured.length > 0 ? configured : usual,
    passphrase: options.passphrase,
    agentSocket: options.keyFile === null ? options.agentSocket : null,
  });
  return { host: name, port: ownPort, user: login, identity, knownHosts };
}

/**
 * Where `[user@]host[:port]` leads, by the person's ~/.ssh/config (HostName, Port, User, IdentityFile,
 * UserKnownHostsFile, ProxyJump): the hosts to go through and the host itself. Rejects with SshError.
 */
export async function resolveTargets(
  address: Address,
  options: ResolveOptions,
): Promise<{ readonly jumps: readonly SshTarget[]; readonly target: SshTarget }> {
  const path = join(options.home, '.ssh', 'config');
  const text = await readIfThere(path, 'settings');
  const settings = settingsFor(text, address.host, path);
  if (settings.first('ProxyCommand') !== null && settings.first('ProxyCommand') !== 'none')
    throw new SshError(
      'settings',
      `${address.host}: ~/.ssh/config has a ProxyCommand for it, which is not run; use ProxyJump`,
    );
  const through = (settings.first('ProxyJump') ?? 'none').split(',').map((each) => each.trim());
  const hops = through[0] === 'none' ? [] : through;
  if (hops.length > mostHops)
    throw new SshError('settings', `${address.host}: more than ${mostHops} jump hosts`);
  const jumps: SshTarget[] = [];
  for (const hop of hops) {
    const parsed = parseAddress(hop.replace(/^ssh:\/\//, ''));
    if (parsed === null) throw new SshError('settings', `${address.host}: ProxyJump ${hop} is no address`);
    jumps.push(await targetOf(parsed, settingsFor(text, parsed.host, path), options));
  }
  return { jumps, target: await targetOf(address, settings, options) };
}
