import type { RegistryCredentials } from './docker-config.ts';
import type { ImageReference } from './reference.ts';
import { RegistryError } from './registry-error.ts';

export interface RegistryOptions {
  /** Null: as a stranger. */
  readonly credentials: RegistryCredentials | null;
  /** Whether the registry may be asked without TLS; loopback always may. */
  readonly isInsecure: boolean;
  /** For everything together. */
  readonly deadlineMilliseconds?: number;
}

export interface RegistryAnswer {
  readonly body: Buffer;
  readonly contentType: string;
}

const defaultDeadlineMilliseconds = 15_000;
const maxRedirects = 3;
const maxTokenBytes = 256 * 1024;

const isLoopback = (host: string): boolean =>
  /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i.test(host);

/** Reads from one repository of one registry; signs in when asked to. */
export class RegistryClient {
  readonly #reference: ImageReference;
  readonly #options: RegistryOptions;
  readonly #signal: AbortSignal;
  #scheme: 'https' | 'http' | null = null;
  #authorization: string | null = null;

  constructor(reference: ImageReference, options: RegistryOptions) {
    this.#reference = reference;
    this.#options = options;
    this.#signal = AbortSignal.timeout(options.deadlineMilliseconds ?? defaultDeadlineMilliseconds);
  }

  /** What is at a path below the repository, such as `manifests/latest`; at most so many bytes. */
  async read(
    path: string,
    about: { readonly accept: string; readonly maxBytes: number },
  ): Promise<RegistryAnswer> {
    const { repository, registry } = this.#reference;
    const address = `/v2/${repository}/${path}`;
    let response = await this.#ask(address, about.accept);
    if (response.status === 401 && this.#isOwn(response)) {
      await response.body?.cancel();
      this.#authorization = await this.#signIn(response.headers.get('www-authenticate') ?? '');
      response = await this.#ask(address, about.accept);
    }
    if (response.ok)
      return {
        body: await bodyOf(response, about.maxBytes),
        contentType: (response.headers.get('content-type') ?? '').split(';')[0]?.trim() ?? '',
      };
    await response.body?.cancel();
    throw refusal(response.status, {
      registry,
      repository,
      hasCredentials: this.#options.credentials !== null,
    });
  }

  /** A place that the registry only leads on to must not choose where our credentials go. */
  #isOwn({ url }: Response): boolean {
    const { origin } = new URL(`${this.#scheme ?? 'https'}://${this.#reference.registry}`);
    return new URL(url).origin === origin;
  }

  /** Over TLS; where plain HTTP is allowed and the other side speaks no TLS, over that. */
  async #ask(address: string, accept: string): Promise<Response> {
    if (this.#scheme !== null)
      return this.#follow(`${this.#scheme}://${this.#reference.registry}${address}`, accept);
    const mayBePlain = this.#options.isInsecure || isLoopback(this.#reference.registry);
    try {
      const response = await this.#follow(`https://${this.#reference.registry}${address}`, accept);
      this.#scheme = 'https';
      return response;
    } catch (error) {
      if (!mayBePlain || !isNoTls(error)) throw error;
      const response = await this.#follow(`http://${this.#reference.registry}${address}`, accept);
      this.#scheme = 'http';
      return response;
    }
  }

  /** Blobs are often elsewhere; what we sign in with is for the registry only, and never goes along. */
  async #follow(first: string, accept: string): Promise<Response> {
    let url = new URL(first);
    const { origin, protocol } = url;
    for (let hop = 0; hop <= maxRedirects; hop++) {
      const isOwn = url.origin === origin;
      const headers: Record<string, string> = { accept };
      if (isOwn && this.#authorization !== null) headers['authorization'] = this.#authorization;
      const response = await this.#fetch(url, { headers, redirect: 'manual' });
      const location = response.headers.get('location');
      if (response.status < 300 || response.status >= 400 || location === null) return response;
      await response.body?.cancel();
      const next = URL.parse(location, url);
      if (next === null) throw new RegistryError('unreadable', `${origin} leads on to what is no address.`);
      url = next;
      if (url.protocol !== 'https:' && url.protocol !== protocol)
        throw new RegistryError(
          'not-allowed',
          `${origin} leads on to ${url.protocol}//, which is not followed.`,
        );
    }
    throw new RegistryError('unreadable', `${origin} leads on and on.`);
  }

  async #fetch(url: URL, init: RequestInit): Promise<Response> {
    try {
      return await fetch(url, { ...init, signal: this.#signal });
    } catch (error) {
      throw unreachable(url, error);
    }
  }

  async #signIn(challenge: string): Promise<string> {
    const { credentials } = this.#options;
    const [, scheme = '', rest = ''] = /^\s*(\w+)\s+(.*)$/s.exec(challenge) ?? [];
    if (scheme.toLowerCase() === 'basic') {
      if (credentials?.kind === 'password') return basic(credentials);
      throw refusal(401, { ...this.#reference, hasCredentials: credentials !== null });
    }
    if (scheme.toLowerCase() !== 'bearer')
      throw new RegistryError(
        'not-allowed',
        `${this.#reference.registry} asks for a way of signing in that is not known here ("${scheme}").`,
      );
    return `Bearer ${await this.#token(parameters(rest))}`;
  }

  async #token(asked: ReadonlyMap<string, string>): Promise<string> {
    const { credentials } = this.#options;
    const realm = URL.parse(asked.get('realm') ?? '');
    if (realm === null || (realm.protocol !== 'https:' && realm.protocol !== `${this.#scheme ?? 'https'}:`))
      throw new RegistryError(
        'not-allowed',
        `${this.#reference.registry} names no token service over https.`,
      );
    const scope = asked.get('scope') ?? `repository:${this.#reference.repository}:pull`;
    const query = new URLSearchParams({ scope });
    const service = asked.get('service');
    if (service !== undefined) query.set('service', service);
    const response =
      credentials?.kind === 'identity-token'
        ? await this.#refresh(realm, query, credentials.token)
        : await this.#askToken(realm, query);
    if (!response.ok) {
      await response.body?.cancel();
      throw refusal(response.status === 404 ? 502 : response.status, {
        ...this.#reference,
        hasCredentials: credentials !== null,
      });
    }
    const answer = jsonOf(await bodyOf(response, maxTokenBytes), 'the token service');
    const token = answer['token'] ?? answer['access_token'];
    if (typeof token !== 'string' || token === '')
      throw new RegistryError(
        'unreadable',
        `The token service of ${this.#reference.registry} gave no token.`,
      );
    return token;
  }

  async #askToken(realm: URL, query: URLSearchParams): Promise<Response> {
    const { credentials } = this.#options;
    const url = new URL(realm);
    for (const [key, value] of query) url.searchParams.set(key, value);
    const headers: Record<string, string> = {};
    if (credentials?.kind === 'password') headers['authorization'] = basic(credentials);
    return this.#fetch(url, { headers, redirect: 'error' });
  }

  async #refresh(realm: URL, query: URLSearchParams, token: string): Promise<Response> {
    const body = new URLSearchParams({
      ...Object.fromEntries(query),
      grant_type: 'refresh_token',
      client_id: 'gpufleet',
      refresh_token: token,
    });
    return this.#fetch(realm, { method: 'POST', body, redirect: 'error' });
  }
}

const basic = ({ username, password }: { readonly username: string; readonly password: string }): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

/** `realm="…",service="…"` of a challenge. */
function parameters(text: string): ReadonlyMap<string, string> {
  const found = text.matchAll(/(\w+)\s*=\s*(?:"([^"]*)"|([^\s,]+))/g);
  return new Map([...found].map(([, key = '', quoted, bare]) => [key.toLowerCase(), quoted ?? bare ?? '']));
}

async function bodyOf(response: Response, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length;
      if (bytes > maxBytes) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw unreachable(new URL(response.url), error);
  }
  if (bytes > maxBytes)
    throw new RegistryError(
      'too-large',
      `The registry sends more than ${maxBytes} bytes where that is the most.`,
    );
  return Buffer.concat(chunks);
}

export function jsonOf(body: Buffer, what: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    // Said below: what it is, and not where its JSON breaks.
  }
  throw new RegistryError('unreadable', `What ${what} sends is no JSON object.`);
}

const codesOf = (error: unknown): string[] => {
  const all: string[] = [];
  for (let at: unknown = error; at instanceof Error && all.length < 5; at = at.cause) {
    const { code } = at as NodeJS.ErrnoException;
    if (typeof code === 'string') all.push(code);
  }
  return all;
};

const isNoTls = (error: unknown): boolean =>
  codesOf(error).some((code) => code.startsWith('ERR_SSL') || code === 'EPROTO' || code === 'ECONNRESET');

function unreachable(url: URL, error: unknown): RegistryError {
  const isLate = error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError');
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const why = isLate ? 'it does not answer in time' : cause instanceof Error ? cause.message : String(cause);
  return new RegistryError('unreachable', `The registry ${url.host} cannot be reached: ${why}.`, {
    cause: error,
  });
}

function refusal(
  status: number,
  about: { readonly registry: string; readonly repository: string; readonly hasCredentials: boolean },
): RegistryError {
  const { registry, repository, hasCredentials } = about;
  if (status === 401 || status === 403)
    return new RegistryError(
      'not-allowed',
      hasCredentials
        ? `${registry} does not let these credentials read ${repository}.`
        : `${registry} asks for credentials to read ${repository}: docker login ${registry}, and there are none.`,
    );
  if (status === 404)
    return new RegistryError('not-found', `${registry} has no such image of ${repository}.`);
  if (status === 429) return new RegistryError('unreachable', `${registry} says: too many requests.`);
  return new RegistryError('unreachable', `${registry} answers with status ${status}.`);
}
