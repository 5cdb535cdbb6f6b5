import type { SshHostKey } from '../../model/index.ts';

/** As known_hosts names a host. */
export const placeOfHost = ({
  address,
  port,
}: {
  readonly address: string;
  readonly port: number;
}): string => (port === 22 ? address.toLowerCase() : `[${address.toLowerCase()}]:${port}`);

export const shownKey = ({ place, type, fingerprint }: SshHostKey): SshHostKey => ({
  place,
  type,
  fingerprint,
});
