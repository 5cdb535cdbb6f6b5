import type { DatabaseSync } from 'node:sqlite';
import { type ChannelOptions, channelKinds, noChannelOptions } from '../../model/index.ts';
import type { ChannelRecord, DeliveryRecord } from '../alerts.ts';
import type { StateSecrets } from '../state-store.ts';
import { type ChannelSecrets, channelSecrets } from './channel-secrets.ts';
import { oneOf, optional, parsed, type Row, text, textOrNull, texts, whole } from './rows.ts';

const toChannel = (row: Row, secrets: ChannelSecrets): ChannelRecord => ({
  id: text(row, 'id'),
  kind: oneOf(row, 'kind', channelKinds),
  name: text(row, 'name'),
  ...secrets.opened(text(row, 'url'), textOrNull(row, 'secret')),
  // An option that came later is as it was before it came.
  options: { ...noChannelOptions, ...(parsed(row, 'options') as Partial<ChannelOptions>) },
  source: oneOf(row, 'source', ['hub', 'settings']),
  createdAt: text(row, 'created_at'),
  createdBy: text(row, 'created_by'),
});

const toDelivery = (row: Row): DeliveryRecord => ({
  id: text(row, 'id'),
  channelId: text(row, 'channel_id'),
  event: oneOf(row, 'event', ['firing', 'resolved']),
  cause: text(row, 'cause'),
  alertIds: texts(row, 'alert_ids'),
  createdAt: text(row, 'created_at'),
  state: oneOf(row, 'state', ['waiting', 'delivered', 'given-up']),
  body: textOrNull(row, 'body'),
  attempts: whole(row, 'attempts'),
  refusals: whole(row, 'refusals'),
  nextAttemptAt: textOrNull(row, 'next_attempt_at'),
  finishedAt: textOrNull(row, 'finished_at'),
  lastError: textOrNull(row, 'last_error'),
});

/**
 * Numbers of the first due of each channel, of rows in the order of channels and numbers. Read without their bodies: a
 * channel that nobody answers on may have hundreds.
 */
function firstDueOf(rows: Iterable<Row>): readonly number[] {
  const first = new Map<string, number>();
  const toldBefore = new Map<string, Set<string>>();
  for (const row of rows) {
    const channelId = text(row, 'channel_id');
    if (first.has(channelId)) continue;
    const before = toldBefore.get(channelId) ?? new Set<string>();
    toldBefore.set(channelId, before);
    const alertIds = texts(row, 'alert_ids');
    if (whole(row, 'is_due') === 1 && !alertIds.some((id) => before.has(id)))
      first.set(channelId, whole(row, 'number'));
    else for (const id of alertIds) before.add(id);
  }
  return [...first.values()];
}

export function createChannelTables(db: DatabaseSync, given: StateSecrets | null) {
  const secrets = channelSecrets(given);
  const read = (row: Row): ChannelRecord => toChannel(row, secrets);
  const sql = {
    list: db.prepare('SELECT * FROM channels ORDER BY name'),
    get: db.prepare('SELECT * FROM channels WHERE id = ?'),
    put: db.prepare(`INSERT INTO channels (id, kind, name, url, secret, source, created_at, created_by, options)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name, url = excluded.url,
      secret = excluded.secret, source = excluded.source, options = excluded.options`),
    remove: db.prepare('DELETE FROM channels WHERE id = ?'),
    putDelivery:
      db.prepare(`INSERT INTO deliveries (id, channel_id, event, cause, alert_ids, created_at, state, body,
      attempts, refusals, next_attempt_at, finished_at, last_error) SELECT ?, id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
      FROM channels WHERE id = ?
      ON CONFLICT (id) DO UPDATE SET alert_ids = excluded.alert_ids, state = excluded.state, body = excluded.body,
      attempts = excluded.attempts, refusals = excluded.refusals, next_attempt_at = excluded.next_attempt_at,
      finished_at = excluded.finished_at, last_error = excluded.last_error`),
    queued:
      db.prepare(`SELECT number, channel_id, alert_ids, (next_attempt_at <= ? OR next_attempt_at > ?) AS is_due FROM deliveries
      WHERE state = 'waiting' ORDER BY channel_id, number`),
    numbered: db.prepare('SELECT * FROM deliveries WHERE number = ?'),
    waiting: db.prepare(
      "SELECT * FROM deliveries WHERE channel_id = ? AND state = 'waiting' ORDER BY number",
    ),
    countWaiting: db.prepare("SELECT count(*) AS n FROM deliveries WHERE state = 'waiting'"),
    begun: db.prepare(
      "SELECT id, alert_ids FROM deliveries WHERE channel_id = ? AND event = 'firing' ORDER BY number DESC LIMIT 5000",
    ),
    last: db.prepare(
      'SELECT * FROM deliveries WHERE channel_id = ? AND attempts > 0 ORDER BY coalesce(finished_at, next_attempt_at) DESC, number DESC LIMIT 1',
    ),
    ofAlert: db.prepare(
      'SELECT * FROM deliveries WHERE EXISTS (SELECT 1 FROM json_each(alert_ids) WHERE value = ?) ORDER BY number',
    ),
    prune: db.prepare("DELETE FROM deliveries WHERE state <> 'waiting' AND finished_at < ?"),
  };
  /** Of a channel that was removed meanwhile it writes nothing. */
  const putDelivery = (delivery: DeliveryRecord): void =>
    void sql.putDelivery.run(
      delivery.id,
      delivery.event,
      delivery.cause,
      JSON.stringify(delivery.alertIds),
      delivery.createdAt,
      delivery.state,
      delivery.body,
      delivery.attempts,
      delivery.refusals,
      delivery.nextAttemptAt,
      delivery.finishedAt,
      delivery.lastError,
      delivery.channelId,
    );
  return {
    prune: (before: string): void => void sql.prune.run(before),
    tables: {
      listChannels: () => sql.list.all().map(read),
      getChannel: (id: string) => optional(sql.get.get(id), read),
      putChannel: (channel: ChannelRecord): void =>
        void sql.put.run(
          channel.id,
          channel.kind,
          channel.name,
          secrets.sealed(channel.url),
          channel.secret === null ? null : secrets.sealed(channel.secret),
          channel.source,
          channel.createdAt,
          channel.createdBy,
          JSON.stringify(channel.options),
        ),
      removeChannel: (id: string): void => void sql.remove.run(id),
      putDelivery,
      firstDueDeliveries: (now: string, latest: string) =>
        firstDueOf(sql.queued.iterate(now, latest)).flatMap((number) =>
          sql.numbered.all(number).map(toDelivery),
        ),
      waitingDeliveries: (channelId: string) => sql.waiting.all(channelId).map(toDelivery),
      begunDeliveries: (channelId: string) =>
        sql.begun.all(channelId).map((row) => ({ id: text(row, 'id'), alertIds: texts(row, 'alert_ids') })),
      countWaitingDeliveries: () => Number(sql.countWaiting.get()?.['n']),
      lastDelivery: (channelId: string) => optional(sql.last.get(channelId), toDelivery),
      deliveriesOfAlert: (alertId: string) => sql.ofAlert.all(alertId).map(toDelivery),
    },
  };
}
