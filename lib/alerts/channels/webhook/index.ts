import { postHttp } from '../http.ts';
import type { Notifier } from '../notifier.ts';
import { webhookBody } from './payload.ts';
import { webhookHeaders } from './sign.ts';

/** An HTTP POST of JSON, signed where a secret is set. */
export const webhook: Notifier = {
  told: 'notice',
  compose: webhookBody,
  send: ({ url, secret }, message, signal) =>
    postHttp({ url, headers: webhookHeaders(message, secret), body: message.body }, signal),
};
