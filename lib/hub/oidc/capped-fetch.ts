import type { CustomFetch } from 'openid-client';

/** Far above any discovery document, key set or token. */
const maxBytes = 1024 * 1024;

/** fetch for the library, which reads whole bodies: one that is too long is cut off with an error. */
export const cappedFetch: CustomFetch = async (url, options) => {
  const { body, ...rest } = options;
  const answer = await fetch(url, { ...rest, ...(body === undefined ? {} : { body }) } as RequestInit);
  if (answer.body === null) return answer;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error(`the answer is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  const { status, statusText, headers } = answer;
  const isBodiless = status === 204 || status === 205 || status === 304;
  return new Response(isBodiless ? null : Buffer.concat(chunks), { status, statusText, headers });
};
