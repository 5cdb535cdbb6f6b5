import { createHash } from 'node:crypto';
import { type DriftFinding, type JudgedContainer, noChannelOptions } from '../../model/index.ts';
import type { ChannelRecord, StateStore } from '../../state/state-store.ts';
import type { HubContext } from '../context.ts';
import { sshReadings } from '../ssh/alarms.ts';
import { createAlerting } from './alerting.ts';
import type { Alerting } from './alerting-port.ts';
import { createCourier } from './courier.ts';
import { createStandingTeller } from './standing-teller.ts';

/** Where the hub is reached by those who get its notices. */
export function hubUrlOf({ config, address }: Pick<HubContext, 'config' | 'address'>): string {
  if (config.publicUrl !== null) return config.publicUrl;
  if (address === null) return '';
  const host = address.reachableHosts[0] ?? address.host;
  return `${address.scheme}://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}

/** The same each start, so that a webhook of the settings keeps its queue. */
const idOfUrl = (url: string): string => `set_${createHash('sha256').update(url).digest('hex').slice(0, 16)}`;

/** Brings the channels of the settings into the state, and takes out those that are no longer set. */
export async function adoptWebhooks(
  state: Pick<StateStore, 'listChannels' | 'putChannel' | 'removeChannel'>,
  settings: { readonly webhooks: readonly string[]; readonly webhookSecret: string | null },
  now: string,
): Promise<void> {
  const known = await state.listChannels();
  const wanted = new Map([...new Set(settings.webhooks)].map((url) => [idOfUrl(url), url]));
  for (const channel of known)
    if (channel.source === 'settings' && !wanted.has(channel.id)) await state.removeChannel(channel.id);
  for (const [id, url] of wanted) {
    const before = known.find((channel) => channel.id === id);
    const name = before?.name ?? `${new URL(url).host} (${id.slice(-4)})`;
    const createdAt = before?.createdAt ?? now;
    const channel: ChannelRecord = {
      id,
      kind: 'webhook',
      name,
      url,
      secret: settings.webhookSecret,
      options: noChannelOptions,
      source: 'settings',
      createdAt,
      createdBy: 'settings',
    };
    await state.putChannel(channel);
  }
}

/** The alerts of a hub. `context` is asked only once it is whole. */
export function openAlerting(
  context: () => HubContext,
  drift: () => readonly DriftFinding[],
  compat: () => readonly JudgedContainer[],
): Alerting {
  const { state, fleet, now, config, log, version, hubMetrics, channelHealth: health } = context();
  const { hostGoneSeconds, driftSeconds, clearSeconds, startGraceSeconds } = config.alerts;
  const hub = () => ({ url: hubUrlOf(context()), version });
  const everySeconds = config.alerts.standingSeconds;
  const teller = createStandingTeller({ state, now, hub, everySeconds, health, log });
  const courier = createCourier({
    state,
    now,
    log,
    hub,
    health,
    note: (outcome) => {
      hubMetrics.noteDelivery(outcome);
      context().alerting.noteDelivery();
    },
  });
  return createAlerting({
    state,
    fleet,
    drift,
    compat,
    issues: () => context().drift.issues(),
    ssh: () => sshReadings(context().ssh.views()),
    now,
    log,
    courier,
    teller,
    health,
    hubVersion: version,
    ruleSet: () => context().alertRules(),
    times: { hostGoneSeconds, driftSeconds, clearSeconds, returnSeconds: startGraceSeconds },
    groupWaitSeconds: config.alerts.groupWaitSeconds,
    retentionSeconds: config.alerts.retentionSeconds,
  });
}
