import { postHttp } from '../http.ts';
import type { Notifier } from '../notifier.ts';

/** Tells a dead man's switch elsewhere that the hub lives and evaluates its rules: when it falls silent, that one alerts. */
export const heartbeat: Notifier = {
  told: 'heartbeat',
  compose: ({ id, event, createdAt, hub, alerts }) =>
    JSON.stringify({
      id,
      event: event === 'test' ? 'test' : 'heartbeat',
      createdAt,
      hub,
      firing: alerts.length,
    }),
  send: ({ url, secret }, { body }, signal) =>
    postHttp(
      { url, ...(secret === null ? {} : { headers: { authorization: `Bearer ${secret}` } }), body },
      signal,
    ),
};
