import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

const defaultSeconds = 30;
const maxAnswerBytes = 64 * 1024 * 1024;

/** Why the hub gave no answer, in one line; `status` is null where it was not reached. */
export class HubQuestionError extends Error {
  readonly status: number | null;

  constructor(message: string, status: number | null, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HubQuestionError';
    this.status = status;
  }
}

export interface HubRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly token: string | null;
  /** Certificates in PEM to trust in place of the system's. */
  readonly ca: string | null;
  readonly deadlineSeconds?: number;
}

/** Below the path that the hub has behind a proxy. */
export function hubUrl(hub: URL, path: string): URL {
  const base = hub.pathname.endsWith('/') ? hub.pathname : `${hub.pathname}/`;
  return new URL(`${base}${path}`, hub);
}

/** One request of a hub's API. Throws a HubQuestionError where nobody answers. */
export function requestHub(
  url: URL,
  { method, body, token, ca, deadlineSeconds = defaultSeconds }: HubRequest,
): Promise<{ readonly status: number; readonly body: string }> {
  const text = body === undefined ? null : JSON.stringify(body);
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const fail = (error: Error) =>
      reject(
        new HubQuestionError(`the hub ${url.origin} cannot be reached: ${error.message}`, null, {
          cause: error,
        }),
      );
    const asked = request(url, {
      method,
      signal: AbortSignal.timeout(deadlineSeconds * 1000),
      headers: {
        accept: 'application/json',
        ...(text === null
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(ca === null ? {} : { ca }),
    });
    asked.on('error', fail);
    asked.on('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > maxAnswerBytes) asked.destroy(new Error('its answer is too long'));
        else chunks.push(chunk);
      });
      response.on('error', fail);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    asked.end(text ?? undefined);
  });
}

/** A problem document's own words. */
export function problemText(body: string): string | null {
  try {
    const { detail, errors = [] } = JSON.parse(body) as {
      readonly detail?: string;
      readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
    };
    // Of one fault alone, the detail is its text.
    const fields = errors.flatMap((each) =>
      each.detail === detail ? [] : [`${each.pointer}: ${each.detail}`],
    );
    return [detail ?? '', ...fields].filter(Boolean).join(' ') || null;
  } catch {
    return null;
  }
}
