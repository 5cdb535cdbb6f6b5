import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import type { ProxiedPerson } from '../requester.ts';
import { admitExternal } from './admit-external.ts';

/** Stands for the issuer of people whom a trusted proxy names. */
export const proxyIssuer = 'proxy';
/** They have no session whose use is noted. */
const noteEveryMillis = 15 * 60_000;

/** The user whom a trusted proxy names. Throws `forbidden` in words for that person while they may not come in. */
export async function admitProxied(context: HubContext, { name, groups }: ProxiedPerson): Promise<Actor> {
  const user = await admitExternal(context, { issuer: proxyIssuer, subject: name, name, groups });
  const now = context.now();
  if (now - Date.parse(user.lastSeenAt ?? '1970-01-01') > noteEveryMillis)
    await context.state.noteExternalUse(user.id, new Date(now).toISOString());
  return { kind: 'user', id: user.id, name: user.name, role: user.role };
}

/** The same, with a stranger for whoever may not come in. */
export async function byProxy(context: HubContext, person: ProxiedPerson): Promise<Actor> {
  try {
    return await admitProxied(context, person);
  } catch (error) {
    if (error instanceof HubError && error.code === 'forbidden') return { kind: 'stranger' };
    throw error;
  }
}
