import { randomBytes } from 'node:crypto';
import type { Channel } from '../../model/index.ts';
import type { ChannelRecord } from '../../state/state-store.ts';
import type { Actor } from '../actor.ts';
import { audit } from '../audit.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { actorName, requireRole } from '../require-role.ts';
import { checkChannel, type NewChannel } from './check-channel.ts';
import { channelView, shownAddress } from './list-channels.ts';

const mostChannels = 50;

/** Adds where notices go. It is told of what fires now, too. Throws `unprocessable` and `conflict`. */
export async function makeChannel(actor: Actor, context: HubContext, wanted: NewChannel): Promise<Channel> {
  requireRole(actor, 'admin');
  const { state } = context;
  const url = checkChannel(wanted);
  const known = await state.listChannels();
  if (known.some(({ name }) => name === wanted.name))
    throw new HubError('conflict', `There is a channel named "${wanted.name}" already.`);
  if (known.length >= mostChannels)
    throw new HubError('conflict', `There are ${mostChannels} channels already.`);
  const record: ChannelRecord = {
    id: randomBytes(6).toString('hex'),
    kind: wanted.kind,
    name: wanted.name,
    url,
    secret: wanted.secret,
    options: wanted.options,
    source: 'hub',
    createdAt: new Date(context.now()).toISOString(),
    createdBy: actorName(actor),
  };
  await state.putChannel(record);
  await audit(
    actor,
    { state, nowMillis: context.now() },
    {
      action: 'channel.create',
      subject: record.name,
      before: null,
      after: `${record.kind} ${shownAddress(record)}${record.secret === null ? '' : ', with a secret'}`,
    },
  );
  await context.alerting.refresh();
  return channelView(context, record);
}

/** With what waits for it. Throws `not-found`, and `conflict` for one of the settings. */
export async function removeChannel(actor: Actor, context: HubContext, id: string): Promise<void> {
  requireRole(actor, 'admin');
  const { state } = context;
  const record = await state.getChannel(id);
  if (record === null) throw new HubError('not-found', `There is no channel ${id}.`);
  if (record.source === 'settings')
    throw new HubError('conflict', 'This channel is in the hub’s settings (--webhook): remove it there.');
  await state.removeChannel(id);
  await audit(
    actor,
    { state, nowMillis: context.now() },
    {
      action: 'channel.remove',
      subject: record.name,
      before: `${record.kind} ${shownAddress(record)}`,
      after: null,
    },
  );
}
