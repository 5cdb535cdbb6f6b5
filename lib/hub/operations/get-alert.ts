import type { AlertDetail, Delivery } from '../../model/index.ts';
import type { DeliveryRecord } from '../../state/state-store.ts';
import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { requireRole } from '../require-role.ts';

/** Without its text, and with the name of its channel. */
export function asDelivery(record: DeliveryRecord, channelName: string): Delivery {
  const { body, cause, refusals, ...rest } = record;
  return { ...rest, channelName };
}

/** One alert, open or over, with who was told of it. Throws `not-found`. */
export async function getAlert(actor: Actor, context: HubContext, id: string): Promise<AlertDetail> {
  requireRole(actor, 'viewer');
  const record = await context.state.getAlert(id);
  if (record === null) throw new HubError('not-found', `There is no alert ${id}.`);
  const [deliveries, channels] = await Promise.all([
    context.state.deliveriesOfAlert(id),
    context.state.listChannels(),
  ]);
  const names = new Map(channels.map((channel) => [channel.id, channel.name]));
  return {
    ...context.alerting.shown(record),
    deliveries: deliveries.map((delivery) => asDelivery(delivery, names.get(delivery.channelId) ?? '?')),
  };
}
