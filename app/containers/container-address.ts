import type { ContainerView, OwnerRow } from '../../lib/model/index.ts';

/** So much of a container's id names it on its host. */
const shownDigits = 12;

export const shortId = (id: string): string => (/^[0-9a-f]{64}$/.test(id) ? id.slice(0, shownDigits) : id);

/** Address of a container or another owner, also after it ended. */
export const ownerHref = ({ hostId, key }: Pick<OwnerRow, 'hostId' | 'key'>): string =>
  `/containers/${encodeURIComponent(hostId)}/${encodeURIComponent(key)}`;

export const containerHref = ({ hostId, id }: Pick<ContainerView, 'hostId' | 'id'>): string =>
  ownerHref({ hostId, key: id });

/** Host and digits of an address of before, `?c=<host id>/<digits>`; null for anything else. */
export function readFormerAddress(text: string): Pick<OwnerRow, 'hostId' | 'key'> | null {
  const match = /^([^/]+)\/([0-9a-f]{12,64})$/.exec(text);
  return match === null ? null : { hostId: match[1] ?? '', key: match[2] ?? '' };
}
