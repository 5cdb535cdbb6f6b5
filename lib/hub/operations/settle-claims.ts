import type { Actor } from '../actor.ts';
import { audit, auditRecord } from '../audit.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { pairOf } from '../lives/reinstalled.ts';
import { requireRole } from '../require-role.ts';
import { releaseHost } from './release-host.ts';
import { forgetHost } from './remove-host.ts';

const storeOf = (context: HubContext) => ({ state: context.state, nowMillis: context.now() });

/** The claim is known and needs nobody: the machine is a duplicate that someone sets right. */
export async function dismissClaim(actor: Actor, context: HubContext, id: string): Promise<void> {
  requireRole(actor, 'admin');
  const claim = context.lives.open().find((each) => each.id === id);
  if (claim === undefined || !(await context.lives.dismiss(id)))
    throw new HubError('not-found', 'There is no such claim; it may be settled already.');
  const { kind, hostId, hostname, peer } = claim;
  await audit(actor, storeOf(context), {
    action: 'host.claim-dismiss',
    subject: hostId ?? hostname ?? peer,
    before: `${kind} from ${peer}`,
    after: null,
  });
}

/** Lets the next agent that enrols with this id have it; the credential that owned it is refused from now on. */
export async function releaseHostHere(actor: Actor, context: HubContext, id: string): Promise<void> {
  requireRole(actor, 'admin');
  await releaseHost(actor, storeOf(context), id);
  await context.ssh.resume(id);
  await context.lives.settle(id);
}

export interface Pair {
  readonly oldId: string;
  readonly newId: string;
}

function checkPair(context: HubContext, { oldId, newId }: Pair) {
  const [old, next] = [context.fleet.summary(oldId), context.fleet.summary(newId)];
  if (old === null) throw new HubError('not-found', `There is no host ${oldId}.`);
  if (next === null) throw new HubError('not-found', `There is no host ${newId}.`);
  if (oldId === newId) throw new HubError('conflict', 'A host cannot replace itself.');
  return { old, next };
}

/**
 * One machine set up anew: what the hub said of the old host goes to the new one, and the old one is removed. The
 * history of GPUs is by their uuid and goes on. Throws `conflict` while the old one still reports.
 */
export async function replaceHost(actor: Actor, context: HubContext, pair: Pair): Promise<void> {
  requireRole(actor, 'admin');
  const { oldId, newId } = pair;
  const { old, next } = checkPair(context, pair);
  if (old.state !== 'gone')
    throw new HubError('conflict', `${old.hostname} (${oldId}) still reports, so it is another machine.`);
  const carried = context.fleet.labelSets(oldId)?.hubLabels ?? {};
  const hubLabels = { ...carried, ...context.fleet.labelSets(newId)?.hubLabels };
  const words = (id: string, hostname: string) => `${hostname} (${id})`;
  await context.state.changeHubLabels([
    {
      hostId: newId,
      hubLabels,
      audit: auditRecord(actor, context.now(), {
        action: 'host.replace',
        subject: newId,
        before: words(oldId, old.hostname),
        after: words(newId, next.hostname),
      }),
    },
  ]);
  context.fleet.setHubLabels(newId, hubLabels, context.now());
  await forgetHost(context, oldId);
}

/** Two hosts that look like one machine are two. */
export async function keepBothHosts(actor: Actor, context: HubContext, pair: Pair): Promise<void> {
  requireRole(actor, 'admin');
  const { old, next } = checkPair(context, pair);
  await context.lives.keepPair(pairOf(pair.oldId, pair.newId));
  await audit(actor, storeOf(context), {
    action: 'host.keep-both',
    subject: pair.newId,
    before: null,
    after: `${old.hostname} (${pair.oldId}) and ${next.hostname} (${pair.newId})`,
  });
}
