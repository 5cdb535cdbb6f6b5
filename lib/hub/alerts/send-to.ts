import { notifiers, type Sent } from '../../alerts/channels/index.ts';
import { type ChannelRecord, unreadableAddress } from '../../state/state-store.ts';

type Send = (typeof notifiers)[ChannelRecord['kind']]['send'];

const cannotBeOpened =
  'its address is sealed with another key: put ssh-secret.key of the data folder back, or make the channel anew';

/** Tells a channel once. Never rejects for what its receiver does; what cannot be opened may be tomorrow. */
export async function sendTo(
  channel: ChannelRecord,
  message: Parameters<Send>[1],
  signal: AbortSignal,
): Promise<Sent> {
  if (channel.url === unreadableAddress)
    return { outcome: 'retry', detail: cannotBeOpened, afterSeconds: null };
  return notifiers[channel.kind].send(channel, message, signal);
}
