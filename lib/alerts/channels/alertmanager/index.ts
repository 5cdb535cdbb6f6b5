import { postAll } from '../http.ts';
import type { Notifier } from '../notifier.ts';
import { alertmanagerBody } from './payload.ts';

/** As Prometheus does it: every Alertmanager of a cluster by its address. */
export const alertmanagerUrls = (url: string): readonly string[] =>
  url
    .split(/\s+/)
    .filter((each) => each !== '')
    .map((each) => `${each.replace(/\/+$/, '')}/api/v2/alerts`);

/** `user:password` is Basic, anything else is a token. */
export function authorizationOf(secret: string | null): Record<string, string> {
  if (secret === null) return {};
  const isBasic = secret.includes(':');
  return { authorization: isBasic ? `Basic ${Buffer.from(secret).toString('base64')}` : `Bearer ${secret}` };
}

/** The real Alertmanager. It has no queue, so it is told again and again what fires; a notice is made for tests only. */
export const alertmanager: Notifier = {
  told: 'standing',
  compose: (notice) =>
    alertmanagerBody([], notice.hub, {
      nowMillis: Date.parse(notice.createdAt),
      endMillis: 60_000,
      test: { id: notice.id, words: notice.cause },
    }),
  send: ({ url, secret }, { body }, signal) =>
    postAll(
      alertmanagerUrls(url).map((each) => ({ url: each, headers: authorizationOf(secret), body })),
      signal,
    ),
};
