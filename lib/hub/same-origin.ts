import type { Actor } from './actor.ts';
import type { HubContext } from './context.ts';
import { HubError } from './errors.ts';
import type { ReadHeader } from './requester.ts';

function isOwnOrigin(context: HubContext, header: ReadHeader): boolean {
  const site = header('sec-fetch-site');
  if (site !== null) return site === 'same-origin' || site === 'none';
  const origin = header('origin');
  if (origin === null || !URL.canParse(origin)) return false;
  const { host } = new URL(origin);
  const own = context.config.publicUrl === null ? null : new URL(context.config.publicUrl).host;
  return host === header('host') || host === own;
}

/** Throws `forbidden` unless the hub's own pages sent this. */
export function requireOwnPage(context: HubContext, header: ReadHeader): void {
  if (!isOwnOrigin(context, header))
    throw new HubError('forbidden', 'A change must come from the hub’s own pages (see Origin).');
}

/** The same where a cookie says who asks: another site's page may send the cookie along, but no bearer token. */
export function requireOwnOrigin(actor: Actor, context: HubContext, header: ReadHeader): void {
  if (actor.kind === 'user') requireOwnPage(context, header);
}
