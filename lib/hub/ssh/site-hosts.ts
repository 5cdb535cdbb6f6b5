import { createHash } from 'node:crypto';
import type { SiteSshHost } from '../../model/index.ts';
import type { SshHostRecord } from '../../state/state-store.ts';
import type { DoorNote } from './door.ts';
import { placeOfHost } from './places.ts';

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
  const { keyName: _key, pattern: _pattern, ...settings } = host;
  return { ...settings, id: siteHostId(host), keyId: '', createdAt: new Date(nowMillis).toISOString() };
}

export const sameHost = (one: SiteSshHost, other: SiteSshHost): boolean =>
  one.user === other.user &&
  one.keyName === other.keyName &&
  one.intervalSeconds === other.intervalSeconds &&
  one.client === other.client &&
  one.jumps.join(' ') === other.jumps.join(' ');

/** For a host that a person added: removed here, it would come back without a word as one of the fleet file. */
export function noteOfSite(record: SshHostRecord, site: readonly SiteSshHost[]): DoorNote | null {
  const place = placeOfHost(record);
  const found = site.find((host) => placeOfHost(host) === place);
  return found === undefined
    ? null
    : {
        code: 'in-fleet-file',
        text: `The fleet file names it too (ssh: ${found.pattern}). Removed here, it is read at once as the file says, as another host; take it out of the file first to end reading.`,
      };
}
