import { isIP } from 'node:net';
import { createTransport } from 'nodemailer';
import type { Message, Sent, Target } from '../notifier.ts';
import type { MailBody } from './index.ts';

const deadlineMillis = 30_000;
const stepMillis = 10_000;
const shownCharacters = 200;

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

const messageId = (id: string): string => `<${id}@gpufleet>`;

interface MailError extends Error {
  readonly code?: string;
  readonly responseCode?: number;
  readonly response?: string;
}

const reasons: Readonly<Record<string, string>> = {
  ECONNECTION: 'the mail server cannot be reached',
  ESOCKET: 'the mail server cannot be reached',
  ETIMEDOUT: 'the mail server does not answer',
  EDNS: 'the name of the mail server is not known to DNS',
  ETLS: 'the mail server gives no encryption that holds',
  EAUTH: 'the mail server refuses user and password',
};

/** A mail server's 4xx may be over soon; its 5xx and a wrong password are not. */
function whyUnsent(error: MailError): Sent {
  const { code = '', responseCode = 0, response, message } = error;
  const said = (response ?? message).replace(/[\s\p{Cc}]+/gu, ' ').slice(0, shownCharacters);
  const detail = `${reasons[code] ?? 'the mail server did not take it'}: ${said}`;
  if (responseCode >= 500 || code === 'EAUTH' || code === 'EENVELOPE') return { outcome: 'refused', detail };
  return { outcome: 'retry', detail, afterSeconds: null };
}

function transportOf({ url, secret, options }: Target) {
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const secure = protocol === 'smtps:';
  const { user } = options;
  return createTransport({
    host,
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    // A password never goes over a network in plain sight.
    requireTLS: !secure && user !== null && !isLoopback(host),
    ...(user === null ? {} : { auth: { user, pass: secret ?? '' } }),
    connectionTimeout: stepMillis,
    greetingTimeout: stepMillis,
    socketTimeout: stepMillis,
    dnsTimeout: stepMillis,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

/** One attempt. Never rejects. */
export async function sendMail(target: Target, message: Message, signal: AbortSignal): Promise<Sent> {
  const { subject, text, references } = JSON.parse(message.body) as MailBody;
  const transport = transportOf(target);
  const { promise: late, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' }));
  const timer = setTimeout(stop, deadlineMillis);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    const threads = references.map(messageId);
    const sent = await Promise.race([
      late,
      transport.sendMail({
        from: target.options.from ?? 'gpufleet@localhost',
        to: [...target.options.to],
        subject,
        text,
        messageId: messageId(message.id),
        date: new Date(message.sentAtSeconds * 1000),
        ...(threads[0] === undefined ? {} : { inReplyTo: threads[0], references: threads }),
        headers: { 'auto-submitted': 'auto-generated' },
      }),
    ]);
    const refused = sent.rejected.map(String);
    const some = refused.length === 0 ? '' : `; it refuses ${refused.join(', ')}`;
    return { outcome: 'delivered', detail: `it says ${sent.response.slice(0, shownCharacters)}${some}` };
  } catch (error) {
    return whyUnsent(error as MailError);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    transport.close();
  }
}
