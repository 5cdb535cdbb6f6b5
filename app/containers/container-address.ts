import type { ContainerView } from '../../lib/model/index.ts';

/** So much of a container's id names it on its host. */
const shownDigits = 12;

export const shortId = (id: string): string => id.slice(0, shownDigits);

/** `<host id>/<12 digits>`: what `?c=` holds. */
export const containerKey = ({ hostId, id }: Pick<ContainerView, 'hostId' | 'id'>): string =>
  `${hostId}/${shortId(id)}`;

/** Address of one container. */
export const containerHref = (container: Pick<ContainerView, 'hostId' | 'id'>): string =>
  `/containers?${new URLSearchParams({ c: containerKey(container) })}`;

/** The digits of the id in `?c=`; null for what names no container. */
export const idInKey = (key: string): string | null => /^[^/]+\/([0-9a-f]{6,64})$/.exec(key)?.[1] ?? null;
