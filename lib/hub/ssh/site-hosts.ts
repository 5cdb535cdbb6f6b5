import { createHash } from 'node:crypto';
import type { SiteSshHost } from '../../model/index.ts';
import type { SshHostRecord } from '../../state/state-store.ts';

/** The same for an address and port in each start, so that a line that comes back finds its history again. */
export function siteHostId({ address, port }: Pick<SiteSshHost, 'address' | 'port'>): string {
  const hash = createHash('sha256').update(`ssh ${address.toLowerCase()} ${port}`).digest();
  // Version 8 of a UUID: of a hash of one's own choice (RFC 9562).
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x80;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString('hex', 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** As a person's would be kept; its key is named by the file, and may be made later. */
export function siteRecord(host: SiteSshHost, nowMillis: number): SshHostRecord {
  const { keyName: _, ...settings } = host;
  return { ...settings, id: siteHostId(host), keyId: '', createdAt: new Date(nowMillis).toISOString() };
}

export const sameHost = (one: SiteSshHost, other: SiteSshHost): boolean =>
  one.user === other.user &&
  one.keyName === other.keyName &&
  one.intervalSeconds === other.intervalSeconds &&
  one.client === other.client &&
  one.jumps.join(' ') === other.jumps.join(' ');
