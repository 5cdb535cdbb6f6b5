/** A header of a request by its name in lower case; null when not sent. */
export type ReadHeader = (name: string) => string | null;

/** A person whom a trusted proxy names. */
export interface ProxiedPerson {
  readonly name: string;
  readonly groups: readonly string[];
}

/** What the hub itself found out about who sent a request. */
export interface Requester {
  readonly peer: string;
  /** Whether the client's own connection is encrypted. */
  readonly secure: boolean;
  readonly proxied: ProxiedPerson | null;
}

/**
 * The server writes what it found into headers of the request, because the pages and their routes see nothing else of
 * it; whatever a client sends under this prefix is dropped first (`lib/hub/http/stamp.ts`).
 */
export const stampPrefix = 'x-gpufleet-';
const peerHeader = `${stampPrefix}peer`;
const secureHeader = `${stampPrefix}secure`;
const proxiedHeader = `${stampPrefix}proxied`;

export const requesterHeaders = ({ peer, secure, proxied }: Requester): Record<string, string> => ({
  [peerHeader]: peer,
  ...(secure ? { [secureHeader]: '1' } : {}),
  // Headers are Latin-1; names are not.
  ...(proxied === null ? {} : { [proxiedHeader]: encodeURIComponent(JSON.stringify(proxied)) }),
});

export const readPeer = (header: ReadHeader): string => header(peerHeader) ?? 'unknown';
export const readIsSecure = (header: ReadHeader): boolean => header(secureHeader) !== null;

export function readProxied(header: ReadHeader): ProxiedPerson | null {
  const text = header(proxiedHeader);
  return text === null ? null : (JSON.parse(decodeURIComponent(text)) as ProxiedPerson);
}
