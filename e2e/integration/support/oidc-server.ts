import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { type AccountClaims, Provider } from 'oidc-provider';
import { type Cleanup, freePort } from './temporary.ts';

export interface OidcPerson {
  readonly name: string;
  readonly groups?: readonly string[];
  readonly email?: string;
  readonly emailVerified?: boolean;
}

export interface OidcServer {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** By subject; may be changed while it runs. */
  readonly people: Map<string, OidcPerson>;
  stop(): Promise<void>;
  /** Again, on the same port. */
  start(): Promise<void>;
}

const clientId = 'gpufleet';
const clientSecret = 'a secret of the hub that nobody else knows';

const claimsOf = (sub: string, person: OidcPerson): AccountClaims => ({
  sub,
  preferred_username: person.name,
  email: person.email,
  email_verified: person.emailVerified,
  ...(person.groups === undefined ? {} : { groups: [...person.groups] }),
});

/** A page with a button for each person, and one to turn back, in place of passwords. */
async function interact(
  provider: Provider,
  people: ReadonlyMap<string, OidcPerson>,
  [request, response]: [IncomingMessage, ServerResponse],
): Promise<void> {
  if (request.method !== 'POST') {
    const buttons = [...people.keys()].map((sub) => `<button name="sub" value="${sub}">${sub}</button>`);
    const page = `<!doctype html><form method="post">${buttons.join(' ')} <button name="sub" value="">No</button></form>`;
    response.writeHead(200, { 'content-type': 'text/html' }).end(page);
    return;
  }
  const sub = new URLSearchParams(await text(request)).get('sub') ?? '';
  const result =
    sub === ''
      ? { error: 'access_denied', error_description: 'Not "today" with a \\slash, said the person' }
      : { login: { accountId: sub } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

function createProvider(
  issuer: string,
  redirectUris: readonly string[],
  people: Map<string, OidcPerson>,
): Provider {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const origins = redirectUris.map((uri) => new URL('/login', uri).href);
  return new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [...redirectUris],
        post_logout_redirect_uris: origins,
      },
    ],
    jwks: {
      keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256', use: 'sig' } as never],
    },
    cookies: { keys: ['a key of a test'] },
    claims: {
      openid: ['sub'],
      profile: ['preferred_username', 'groups'],
      email: ['email', 'email_verified'],
    },
    ttl: {
      Interaction: 600,
      Grant: 600,
      Session: 600,
      AccessToken: 600,
      IdToken: 600,
      AuthorizationCode: 60,
    },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    findAccount: (_, sub) => {
      const person = people.get(sub);
      return person === undefined ? undefined : { accountId: sub, claims: () => claimsOf(sub, person) };
    },
    // Everyone has agreed to everything.
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({
        clientId: oidc.client?.clientId ?? '',
        accountId: oidc.session?.accountId ?? '',
      });
      grant.addOIDCScope('openid profile email');
      await grant.save();
      return grant;
    },
  });
}

/** A certified OpenID Connect provider (`oidc-provider`) on loopback, in this process. */
export async function startOidcServer(
  cleanup: Cleanup,
  { redirectUris }: { readonly redirectUris: readonly string[] },
): Promise<OidcServer> {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const people = new Map<string, OidcPerson>();
  const provider = createProvider(issuer, redirectUris, people);
  const answer = provider.callback();
  let server: Server | null = null;
  const stop = async (): Promise<void> => {
    const running = server;
    server = null;
    running?.closeAllConnections();
    if (running !== null) await new Promise((resolve) => running.close(resolve));
  };
  const start = (): Promise<void> =>
    new Promise((resolve, reject) => {
      server = createServer((request, response) => {
        if (!request.url?.startsWith('/interaction/')) void answer(request, response);
        else
          interact(provider, people, [request, response]).catch((error: unknown) =>
            response.writeHead(500).end(String(error)),
          );
      });
      server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
  await start();
  cleanup.add(stop);
  return { issuer, clientId, clientSecret, people, stop, start };
}
