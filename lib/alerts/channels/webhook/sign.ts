import { createHmac } from 'node:crypto';
import type { Message } from '../notifier.ts';

/** Key of a secret: `whsec_` and base64, as libraries for Standard Webhooks write it, or any other text as it is. */
function keyOf(secret: string): Buffer {
  const coded = /^whsec_([A-Za-z0-9+/]+=*)$/.exec(secret)?.[1];
  return coded === undefined ? Buffer.from(secret, 'utf8') : Buffer.from(coded, 'base64');
}

/** Headers of Standard Webhooks: HMAC-SHA256 over id, time and body, so that none of them can be changed or reused. */
export function webhookHeaders(message: Message, secret: string | null): Record<string, string> {
  const time = String(Math.floor(message.sentAtSeconds));
  const headers = { 'webhook-id': message.id, 'webhook-timestamp': time };
  if (secret === null) return headers;
  const signed = createHmac('sha256', keyOf(secret)).update(`${message.id}.${time}.${message.body}`);
  return { ...headers, 'webhook-signature': `v1,${signed.digest('base64')}` };
}
