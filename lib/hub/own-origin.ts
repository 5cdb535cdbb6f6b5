import { isLoopback } from '../config/parsers.ts';
import type { HubContext } from './context.ts';
import { type ReadHeader, readIsSecure } from './requester.ts';

/** Where a provider sends people back to: as configured, else the loopback name by which the browser asks. */
export function ownOrigin({ config, address }: HubContext, header: ReadHeader): string {
  if (config.publicUrl !== null) return new URL(config.publicUrl).origin;
  const scheme = readIsSecure(header) ? 'https' : 'http';
  const host = header('host') ?? '';
  const asked = URL.canParse(`${scheme}://${host}`) ? new URL(`${scheme}://${host}`) : null;
  const isOwn = asked !== null && isLoopback(asked.hostname.replace(/^\[|\]$/g, ''));
  return isOwn ? asked.origin : `${scheme}://127.0.0.1:${address?.port ?? config.port}`;
}
