import type { SshHostKey, SshHostSettings } from '../../model/index.ts';
import { readPlace } from './host-lines.ts';

/** As known_hosts names a host. */
export const placeOfHost = ({
  address,
  port,
}: {
  readonly address: string;
  readonly port: number;
}): string => (port === 22 ? address.toLowerCase() : `[${address.toLowerCase()}]:${port}`);

type Way = Pick<SshHostSettings, 'address' | 'port' | 'user' | 'jumps'>;

/** Whose host keys are judged on the way to a host: its own, then those of its jump hosts. */
export function placesOnWay({ jumps, user, ...host }: Way): readonly string[] {
  const places = [placeOfHost(host)];
  for (const jump of jumps)
    try {
      places.push(placeOfHost(readPlace(jump, user)));
    } catch {
      // What names no host is on no way; connecting says so.
    }
  return places;
}

export const shownKey = ({ place, type, fingerprint }: SshHostKey): SshHostKey => ({
  place,
  type,
  fingerprint,
});
