import type { FormerName, HostClaim, Reinstalled } from '../../model/index.ts';
import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { reinstalledHosts } from '../lives/reinstalled.ts';
import { requireRole } from '../require-role.ts';
import type { FleetFileView } from './list-labels.ts';

export interface ClaimsView {
  /** Agents that were refused within a day, the newest first. */
  readonly claims: readonly HostClaim[];
  /** Hosts that are gone, each with one that looks like the same machine set up anew. */
  readonly reinstalled: readonly Reinstalled[];
  readonly fleetFile: FleetFileView;
}

/** What about hosts waits for a person to decide. */
export async function listClaims(actor: Actor, context: HubContext): Promise<ClaimsView> {
  requireRole(actor, 'viewer');
  const { path, loadedAt, fault } = context.fleetFile.current();
  return {
    claims: context.lives.open(),
    reinstalled: reinstalledHosts(context.fleet.summaries(), context.lives.keptPairs),
    fleetFile: { path, loadedAt, fault },
  };
}

export interface FormerNamesView {
  /** The newest first. */
  readonly names: readonly FormerName[];
}

/** What a host called itself before. */
export async function listFormerNames(
  actor: Actor,
  context: HubContext,
  id: string,
): Promise<FormerNamesView> {
  requireRole(actor, 'viewer');
  const hostname = context.fleet.summary(id)?.hostname;
  if (hostname === undefined) throw new HubError('not-found', `There is no host ${id}.`);
  const all = await context.state.listFormerNames(id);
  return { names: all.filter((name) => name.hostname !== hostname) };
}
