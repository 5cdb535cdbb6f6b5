/** How to sign in at a registry. */
export type RegistryCredentials =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  /** A refresh token, which the registry's token service takes. */
  | { readonly kind: 'identity-token'; readonly token: string };

export type FoundCredentials =
  | RegistryCredentials
  /** A program of the desktop holds them; we run none. */
  | { readonly kind: 'helper'; readonly helper: string }
  | { readonly kind: 'none' };

const hubKeys = ['https://index.docker.io/v1/', 'index.docker.io', 'docker.io', 'registry-1.docker.io'];

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** `https://host/v1/` and `host` are the same registry in a config.json. */
const hostOf = (key: string): string => key.replace(/^https?:\/\//, '').replace(/\/.*$/, '');

/** Credentials for a registry in the text of Docker's config.json; throws a SyntaxError for what is no JSON. */
export function credentialsFor(registry: string, configJson: string): FoundCredentials {
  const config = record(JSON.parse(configJson));
  const keys = registry === 'registry-1.docker.io' ? hubKeys : [registry];
  const isKey = (key: string): boolean => keys.includes(key) || keys.includes(hostOf(key));
  const entry = Object.entries(record(config['auths'])).find(([key]) => isKey(key))?.[1];
  const own = entry === undefined ? null : fromEntry(record(entry));
  if (own !== null) return own;
  const helper = Object.entries(record(config['credHelpers'])).find(([key]) => isKey(key))?.[1];
  if (typeof helper === 'string') return { kind: 'helper', helper };
  // With a store, an entry without a secret says that the store has it.
  const store = text(config['credsStore']);
  return store !== '' && entry !== undefined ? { kind: 'helper', helper: store } : { kind: 'none' };
}

function fromEntry(entry: Readonly<Record<string, unknown>>): RegistryCredentials | null {
  const token = text(entry['identitytoken']);
  if (token !== '') return { kind: 'identity-token', token };
  const decoded = Buffer.from(text(entry['auth']), 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  const username = colon < 0 ? text(entry['username']) : decoded.slice(0, colon);
  const password = colon < 0 ? text(entry['password']) : decoded.slice(colon + 1).replace(/\0+$/, '');
  return username === '' || password === '' ? null : { kind: 'password', username, password };
}
