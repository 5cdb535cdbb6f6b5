import type { Channel } from '../../model/index.ts';
import type { ChannelRecord } from '../../state/state-store.ts';
import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { requireRole } from '../require-role.ts';
import { asDelivery } from './get-alert.ts';

/** What of an address may be shown and logged: a query often is a secret. */
export function shownAddress(url: string): string {
  const { origin, pathname, search } = new URL(url);
  return `${origin}${pathname}${search === '' ? '' : '?…'}`;
}

export async function channelView(context: HubContext, record: ChannelRecord): Promise<Channel> {
  const { url, secret, ...rest } = record;
  const [waiting, last] = await Promise.all([
    context.state.waitingDeliveries(record.id),
    context.state.lastDelivery(record.id),
  ]);
  return {
    ...rest,
    address: shownAddress(url),
    signed: secret !== null,
    waiting: waiting.length,
    last: last === null ? null : asDelivery(last, record.name),
  };
}

/** Where notices go. Only for administrators: a webhook's path may be a secret too. */
export async function listChannels(actor: Actor, context: HubContext): Promise<readonly Channel[]> {
  requireRole(actor, 'admin');
  const records = await context.state.listChannels();
  return Promise.all(records.map((record) => channelView(context, record)));
}
