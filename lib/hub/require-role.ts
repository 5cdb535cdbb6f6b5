import { type Role, roles } from '../state/state-store.ts';
import type { Actor } from './actor.ts';
import { HubError } from './errors.ts';

const unauthenticated = () => new HubError('unauthenticated', 'Sign in, or send a credential.');

/** First line of every operation of people and API tokens. Throws `unauthenticated` or `forbidden`. */
export function requireRole(actor: Actor, needed: Role): void {
  if (actor.kind === 'system') return;
  if (actor.kind === 'stranger') throw unauthenticated();
  if (actor.kind === 'agent') throw new HubError('forbidden', "An agent's credential may only push.");
  if (actor.kind === 'token' && actor.scope === 'scrape')
    throw new HubError('forbidden', 'A scrape token may only read /metrics.');
  if (roles.indexOf(actor.role) < roles.indexOf(needed))
    throw new HubError('forbidden', `This needs the role ${needed}; you have ${actor.role}.`);
}

/** First line of reading /metrics: everyone who may read, and scrape tokens. */
export function requireScraper(actor: Actor): void {
  if (actor.kind === 'token' && actor.scope === 'scrape') return;
  requireRole(actor, 'viewer');
}

/** First line of a push. Returns the host that the credential is of. */
export function requireAgent(actor: Actor): string {
  if (actor.kind === 'agent') return actor.hostId;
  if (actor.kind === 'stranger') throw unauthenticated();
  throw new HubError('forbidden', 'Only an agent may push.');
}

/** For the audit log. */
export function actorName(actor: Actor): string {
  switch (actor.kind) {
    case 'user':
    case 'token':
      return `${actor.kind} ${actor.name}`;
    case 'agent':
      return `agent ${actor.hostId}`;
    case 'stranger':
    case 'system':
      return actor.kind;
  }
}
