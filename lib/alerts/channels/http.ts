import type { Sent } from './notifier.ts';

const deadlineMillis = 10_000;
const longestRetryAfterSeconds = 3600;
const shownCharacters = 200;

/** Seconds of a Retry-After header, also where it is a date; null when there is none that can be read. */
export function readRetryAfter(header: string | null, nowMillis: number): number | null {
  if (header === null) return null;
  const text = header.trim();
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : (Date.parse(text) - nowMillis) / 1000;
  if (!Number.isFinite(seconds)) return null;
  return Math.min(Math.max(0, seconds), longestRetryAfterSeconds);
}

const mostAnswerBytes = 64 * 1024;

const shortestSecret = 8;

/** Takes out of an answer what it repeats of the request: address, token and key are shown to nobody. */
function hiding({ url, headers = {}, secrets = [] }: HttpPost): (text: string) => string {
  const { pathname, search, searchParams } = new URL(url);
  const path = pathname === '/' ? [] : [`${pathname}${search}`, pathname];
  const parts = [...pathname.split('/'), ...Object.values(headers).flatMap((value) => value.split(' '))];
  const long = parts.filter((part) => part.length >= shortestSecret);
  const hidden = path.map((text): readonly [string, string] => [text, '/…']);
  for (const part of [...secrets, ...searchParams.values(), ...long])
    if (part !== '') hidden.push([part, '…'], [encodeURIComponent(part), '…']);
  return (text) => hidden.reduce((told, [secret, shown]) => told.replaceAll(secret, shown), text);
}

/** The begin of an answer's text, for the one who has to mend it. Rejects when the answer breaks off before its end. */
async function startOf(response: Response, hide: (text: string) => string): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return '';
  let first = new Uint8Array();
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (bytes === 0) first = value.subarray(0, 1024);
      bytes += value.byteLength;
      if (bytes > mostAnswerBytes) break;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  const line = hide(new TextDecoder().decode(first))
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  return line === '' ? '' : `: ${line.slice(0, shownCharacters)}`;
}

async function read(response: Response, hide: (text: string) => string): Promise<Sent> {
  const { status } = response;
  const answer = `it answered ${status}${await startOf(response, hide)}`;
  if (status >= 200 && status < 300) return { outcome: 'delivered', detail: answer };
  if (status >= 300 && status < 400)
    return {
      outcome: 'refused',
      detail: `it answered ${status} and points elsewhere; redirects are not followed, so give the address that it points to`,
    };
  if (status >= 500 || status === 408 || status === 429) {
    const afterSeconds = readRetryAfter(response.headers.get('retry-after'), Date.now());
    return { outcome: 'retry', detail: answer, afterSeconds };
  }
  return { outcome: 'refused', detail: answer };
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'its name is not known to DNS',
  EAI_AGAIN: 'DNS does not answer',
  EHOSTUNREACH: 'there is no way to its address',
  ENETUNREACH: 'there is no way to its network',
  ECONNRESET: 'it closed the connection',
  UND_ERR_SOCKET: 'it closed the connection',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is of an authority that this machine does not know',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is of an authority that this machine does not know',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is of an authority that this machine does not know',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
};

/** Why no answer came. The URL is not in it: it may hold a secret. */
function whyUnreached(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError')
    return `it did not answer within ${deadlineMillis / 1000} s`;
  const cause: unknown = error instanceof Error ? (error.cause ?? error) : error;
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
  const code = first instanceof Error && 'code' in first ? String(first.code) : '';
  // Ports of mail and the like, to which no browser posts either.
  if (first instanceof Error && first.message === 'bad port')
    return 'it cannot be reached: its port is one that HTTP does not go to';
  return `it cannot be reached: ${reasons[code] ?? (code || 'the connection failed')}`;
}

export interface HttpPost {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  /** In the body, and not to be shown when the answer repeats them. */
  readonly secrets?: readonly string[];
}

/** One attempt: POST, without redirects, with a deadline. Never rejects. */
export async function postHttp(
  { url, headers = {}, secrets = [], body }: HttpPost,
  signal: AbortSignal,
): Promise<Sent> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineMillis)]),
      headers: { 'content-type': 'application/json', 'user-agent': 'gpufleet', ...headers },
      body,
    });
    return await read(response, hiding({ url, headers, secrets, body }));
  } catch (error) {
    return { outcome: 'retry', detail: whyUnreached(error), afterSeconds: null };
  }
}

/** One after the other; what stops the first of them stops all, and all are sent again then. */
export async function postAll(posts: readonly HttpPost[], signal: AbortSignal): Promise<Sent> {
  let last: Sent = { outcome: 'delivered', detail: 'there was nothing to send' };
  for (const post of posts) {
    last = await postHttp(post, signal);
    if (last.outcome !== 'delivered') return last;
  }
  return last;
}
