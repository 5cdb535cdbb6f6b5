import { randomUUID } from 'node:crypto';
import { notifiers } from '../../alerts/channels/index.ts';
import type { ChannelTest } from '../../model/index.ts';
import type { Actor } from '../actor.ts';
import { hubUrlOf } from '../alerts/open-alerting.ts';
import { sendTo } from '../alerts/send-to.ts';
import { audit } from '../audit.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { actorName, requireRole } from '../require-role.ts';

/** Sends a notice that says it is a test, once, and tells what came back. Throws `not-found` and `too-many-requests`. */
export async function testChannel(actor: Actor, context: HubContext, id: string): Promise<ChannelTest> {
  requireRole(actor, 'admin');
  const { state, now, limits, version } = context;
  const channel = await state.getChannel(id);
  if (channel === null) throw new HubError('not-found', `There is no channel ${id}.`);
  limits.channelTests.take(actorName(actor), now());
  const notice = {
    id: `tst_${randomUUID()}`,
    event: 'test',
    cause: `Test of channel ${channel.name} by ${actorName(actor)}`,
    createdAt: new Date(now()).toISOString(),
    hub: { url: hubUrlOf(context), version },
    alerts: [],
    begun: [],
  } as const;
  const notifier = notifiers[channel.kind];
  const started = performance.now();
  const message = {
    id: notice.id,
    body: notifier.compose(notice, channel.options),
    sentAtSeconds: now() / 1000,
  };
  const sent = await sendTo(channel, message, new AbortController().signal);
  const delivered = sent.outcome === 'delivered';
  // Those that are told again and again show by themselves, within a minute, whether it arrives.
  if (notifier.told === 'notice')
    context.channelHealth.note(id, { error: delivered ? null : sent.detail, atMillis: now() });
  context.alerting.noteDelivery();
  await audit(
    actor,
    { state, nowMillis: now() },
    {
      action: 'channel.test',
      subject: channel.name,
      before: null,
      after: delivered ? 'delivered' : sent.detail,
    },
  );
  return { delivered, detail: sent.detail, durationSeconds: (performance.now() - started) / 1000 };
}
