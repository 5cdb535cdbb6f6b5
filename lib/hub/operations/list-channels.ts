import type { Channel } from '../../model/index.ts';
import type { ChannelRecord } from '../../state/state-store.ts';
import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { requireRole } from '../require-role.ts';
import { asDelivery } from './get-alert.ts';

function shownUrl(url: string, isPathSecret: boolean): string {
  const { protocol, host, pathname, search } = new URL(url);
  const path = isPathSecret && pathname !== '/' ? '/…' : pathname;
  return `${protocol}//${host}${path}${search === '' ? '' : '?…'}`;
}

/** What of an address may be shown and logged: a query often is a secret, and of a chat's webhook the path is. */
export const shownAddress = ({
  kind,
  url,
  options,
}: Pick<ChannelRecord, 'kind' | 'url' | 'options'>): string => {
  const shown = url.split(' ').map((each) => shownUrl(each, kind === 'slack' || kind === 'heartbeat'));
  return kind === 'mail' ? `${options.to.join(', ')} by ${shown[0]}` : shown.join(', ');
};

export async function channelView(context: HubContext, record: ChannelRecord): Promise<Channel> {
  const { url: _, secret, ...rest } = record;
  const [waiting, last] = await Promise.all([
    context.state.waitingDeliveries(record.id),
    context.state.lastDelivery(record.id),
  ]);
  return {
    ...rest,
    address: shownAddress(record),
    signed: secret !== null,
    health: context.channelHealth.of(record.id),
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
