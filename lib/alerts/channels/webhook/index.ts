import type { Notifier } from '../notifier.ts';
import { webhookBody } from './payload.ts';
import { sendWebhook } from './send.ts';

/** An HTTP POST of JSON, signed where a secret is set. */
export const webhook: Notifier = { compose: webhookBody, send: sendWebhook };
