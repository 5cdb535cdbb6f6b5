import { readFile } from 'node:fs/promises';
import type * as client from 'openid-client';
import type { OidcConfig } from '../../config/access-settings.ts';
import { HubError } from '../errors.ts';
import { cappedFetch } from './capped-fetch.ts';
import { inWords } from './in-words.ts';

const requestSeconds = 10;
/** What was discovered counts this long; a sign-in after it asks again, so that a provider that went away is noticed. */
const freshMillis = 30_000;
/** A sign-in right after a failure does not ask again. */
const restMillis = 2000;
const firstRetryMillis = 1000;
const lastRetryMillis = 60_000;

export type OidcLibrary = typeof client;

/** The provider as it last answered. */
export interface Discovered {
  readonly library: OidcLibrary;
  readonly configuration: client.Configuration;
}

export interface Provider {
  /** As discovered at most a moment ago. Rejects with HubError `unavailable`, in words for whoever signs in. */
  discovered(): Promise<Discovered>;
  /** Why the provider cannot be used just now, in words for anyone; null: it can, or was not asked yet. */
  readonly trouble: string | null;
  /** What is known without asking; null: nothing yet. */
  readonly known: Discovered | null;
  close(): void;
}

export interface ProviderOptions {
  readonly config: OidcConfig;
  readonly now: () => number;
  readonly log: (line: string) => void;
}

/** By the method that the provider names first in the standard's order; public clients send none. */
function clientAuth(library: OidcLibrary, secret: string | null): client.ClientAuth {
  if (secret === null) return library.None();
  const basic = library.ClientSecretBasic(secret);
  const post = library.ClientSecretPost(secret);
  return (server, metadata, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const method = methods.includes('client_secret_basic') ? basic : post;
    method(server, metadata, body, headers);
  };
}

/** The file is read at each discovery, so that a new secret needs no restart. */
async function readSecret({ clientSecret, clientSecretFile }: OidcConfig): Promise<string | null> {
  if (clientSecretFile === null) return clientSecret;
  const text = (await readFile(clientSecretFile, 'utf8')).trim();
  if (text === '') throw new Error(`${clientSecretFile} is empty`);
  return text;
}

async function discover(config: OidcConfig): Promise<Discovered> {
  const library = await import('openid-client');
  const issuer = new URL(config.issuer);
  const insecure = issuer.protocol === 'http:' ? [library.allowInsecureRequests] : [];
  const configuration = await library.discovery(
    issuer,
    config.clientId,
    {},
    clientAuth(library, await readSecret(config)),
    {
      timeout: requestSeconds,
      execute: [...insecure, library.enableNonRepudiationChecks],
      [library.customFetch]: cappedFetch,
    },
  );
  return { library, configuration };
}

class DiscoveredProvider implements Provider {
  readonly #options: ProviderOptions;
  #known: Discovered | null = null;
  #trouble: string | null = null;
  #askedAtMillis = Number.NEGATIVE_INFINITY;
  #asking: Promise<Discovered> | null = null;
  #retry: NodeJS.Timeout | null = null;
  #retryMillis = firstRetryMillis;
  #closed = false;

  constructor(options: ProviderOptions) {
    this.#options = options;
    void this.#ask().catch(() => undefined);
  }

  get trouble(): string | null {
    return this.#trouble;
  }

  get known(): Discovered | null {
    return this.#known;
  }

  discovered(): Promise<Discovered> {
    const ageMillis = this.#options.now() - this.#askedAtMillis;
    if (this.#trouble !== null && ageMillis < restMillis) return Promise.reject(unavailable(this.#trouble));
    if (this.#trouble === null && this.#known !== null && ageMillis < freshMillis)
      return Promise.resolve(this.#known);
    return this.#ask();
  }

  close(): void {
    this.#closed = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
  }

  #ask(): Promise<Discovered> {
    this.#asking ??= this.#askOnce().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #askOnce(): Promise<Discovered> {
    const { config, now } = this.#options;
    try {
      this.#succeed(await discover(config));
    } catch (error) {
      this.#fail(error);
      throw unavailable(this.#trouble ?? '', error);
    } finally {
      this.#askedAtMillis = now();
    }
    return this.#known as Discovered;
  }

  #succeed(found: Discovered): void {
    if (this.#trouble !== null) this.#options.log(`${this.#options.config.issuer} answers again`);
    this.#trouble = null;
    this.#retryMillis = firstRetryMillis;
    // The one in use holds the provider's keys, so it stays unless something changed.
    const metadata = (of: Discovered | null) => JSON.stringify(of?.configuration.serverMetadata());
    const isSame =
      this.#options.config.clientSecretFile === null && metadata(this.#known) === metadata(found);
    if (!isSame) this.#known = found;
  }

  #fail(error: unknown): void {
    const { config, log } = this.#options;
    const { forAnyone, forTheLog } = inWords(error);
    const words = `${config.name} cannot be used just now: ${forAnyone}.`;
    if (words !== this.#trouble)
      log(`sign-in through ${config.issuer}: ${forTheLog}; tried again until it answers`);
    this.#trouble = words;
    if (this.#closed) return;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#ask().catch(() => undefined), this.#retryMillis).unref();
    this.#retryMillis = Math.min(this.#retryMillis * 2, lastRetryMillis);
  }
}

const unavailable = (words: string, cause?: unknown): HubError =>
  new HubError('unavailable', words, { retryAfterSeconds: 10, ...(cause === undefined ? {} : { cause }) });

/** Asks the provider who it is at once, and again while it does not answer; the hub goes on without it. */
export const createProvider = (options: ProviderOptions): Provider => new DiscoveredProvider(options);
