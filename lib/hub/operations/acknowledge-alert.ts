import type { Alert } from '../../model/index.ts';
import type { Actor } from '../actor.ts';
import { audit } from '../audit.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { actorName, requireRole } from '../require-role.ts';

export interface AcknowledgeOptions {
  readonly id: string;
  /** What was found or is being done. */
  readonly note: string | null;
}

async function openAlert(context: HubContext, id: string): Promise<Alert> {
  const record = await context.state.getAlert(id);
  if (record === null) throw new HubError('not-found', `There is no alert ${id}.`);
  if (record.phase === 'resolved') throw new HubError('conflict', 'This alert is over already.');
  return context.alerting.shown(record);
}

/** Says that a person has seen it. It is told to nobody who was not told yet. Throws `not-found` and `conflict`. */
export async function acknowledgeAlert(
  actor: Actor,
  context: HubContext,
  { id, note }: AcknowledgeOptions,
): Promise<Alert> {
  requireRole(actor, 'operator');
  const before = await openAlert(context, id);
  const at = new Date(context.now()).toISOString();
  const alert = await context.alerting.acknowledge(id, { by: actorName(actor), at, note });
  if (alert === null) throw new HubError('conflict', 'This alert is over already.');
  await audit(
    actor,
    { state: context.state, nowMillis: context.now() },
    {
      action: 'alert.acknowledge',
      subject: `${before.what} (${id})`,
      before: before.acknowledged === null ? null : `acknowledged by ${before.acknowledged.by}`,
      after: note ?? 'acknowledged',
    },
  );
  return alert;
}

/** Takes an acknowledgement back. Throws `not-found` and `conflict`. */
export async function unacknowledgeAlert(actor: Actor, context: HubContext, id: string): Promise<void> {
  requireRole(actor, 'operator');
  const before = await openAlert(context, id);
  if (before.acknowledged === null) throw new HubError('conflict', 'Nobody has acknowledged this alert.');
  await context.alerting.acknowledge(id, null);
  await audit(
    actor,
    { state: context.state, nowMillis: context.now() },
    {
      action: 'alert.unacknowledge',
      subject: `${before.what} (${id})`,
      before: `acknowledged by ${before.acknowledged.by}`,
      after: null,
    },
  );
}
