import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** One line of a known_hosts file that has a meaning (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export interface KnownKey {
  readonly marker: 'none' | 'revoked' | 'cert-authority';
  readonly patterns: string;
  readonly type: string;
  /** The public key as it goes over the wire. */
  readonly key: Buffer;
}

export type KeyVerdict = 'known' | 'unknown' | 'changed' | 'revoked' | 'only-authority';

export interface KnownHosts {
  readonly keys: readonly KnownKey[];
  /** Lines that say nothing to us, counted from 1. */
  readonly unreadableLines: readonly number[];
}

const base64 = /^[A-Za-z0-9+/]+=*$/;

/** Reads the text of a known_hosts file. */
export function parseKnownHosts(text: string): KnownHosts {
  const keys: KnownKey[] = [];
  const unreadableLines: number[] = [];
  for (const [at, line] of text.split('\n').entries()) {
    const words = line.trim().split(/\s+/);
    const [first = ''] = words;
    if (first === '' || first.startsWith('#')) continue;
    const marker = first === '@revoked' ? 'revoked' : first === '@cert-authority' ? 'cert-authority' : 'none';
    const [patterns = '', type = '', key = ''] = marker === 'none' ? words : words.slice(1);
    if (patterns.startsWith('@') || type === '' || !base64.test(key)) unreadableLines.push(at + 1);
    else keys.push({ marker, patterns, type, key: Buffer.from(key, 'base64') });
  }
  return { keys, unreadableLines };
}

/** How known_hosts names a host: `name`, or `[name]:port` where the port is not 22. */
export const knownHostsName = (host: string, port: number): string =>
  port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;

/** `SHA256:…` without padding, as ssh-keygen -l writes it. */
export const fingerprintOf = (key: Buffer): string =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;

function matchesHash(pattern: string, name: string): boolean {
  const [, version, salt = '', hash = ''] = pattern.split('|');
  if (version !== '1') return false;
  const wanted = Buffer.from(hash, 'base64');
  const own = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return own.length === wanted.length && timingSafeEqual(own, wanted);
}

/** `*` and `?`, without a regular expression: a line of a file must not cost more than its length. */
function matchesGlob(pattern: string, name: string): boolean {
  let [at, from, star, mark] = [0, 0, -1, 0];
  while (from < name.length) {
    if (pattern[at] === '*') [star, mark, at] = [at, from, at + 1];
    else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === name[from])) {
      at += 1;
      from += 1;
    } else if (star >= 0) [at, mark, from] = [star + 1, mark + 1, mark + 1];
    else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}

function isFor({ patterns }: KnownKey, name: string): boolean {
  if (patterns.startsWith('|')) return matchesHash(patterns, name);
  let matches = false;
  for (const pattern of patterns.toLowerCase().split(',')) {
    if (pattern.startsWith('!') && matchesGlob(pattern.slice(1), name)) return false;
    if (matchesGlob(pattern, name)) matches = true;
  }
  return matches;
}

/** The kinds of key that are known for a host, in the order of the file: what to ask the server for first. */
export function knownTypes({ keys }: KnownHosts, name: string): readonly string[] {
  return [
    ...new Set(keys.filter((each) => each.marker === 'none' && isFor(each, name)).map(({ type }) => type)),
  ];
}

/** The type that a key on the wire says it is. */
export function typeOfKey(key: Buffer): string {
  const length = key.length >= 4 ? key.readUInt32BE(0) : 0;
  return length <= 64 ? key.subarray(4, 4 + length).toString('latin1') : '';
}

/**
 * Whether a host may show this key. `changed`: another is known for it, of whatever kind: known kinds are asked for
 * first, so a host that still has that key shows it. `only-authority`: certificates of an authority are known for it, and no key.
 */
export function judgeKey({ keys }: KnownHosts, name: string, shown: Buffer): KeyVerdict {
  const own = keys.filter((each) => isFor(each, name));
  const same = own.filter(({ key }) => key.equals(shown));
  if (same.some(({ marker }) => marker === 'revoked')) return 'revoked';
  if (same.some(({ marker }) => marker === 'none')) return 'known';
  if (own.some(({ marker }) => marker === 'none')) return 'changed';
  return own.length > 0 && own.every(({ marker }) => marker === 'cert-authority')
    ? 'only-authority'
    : 'unknown';
}
