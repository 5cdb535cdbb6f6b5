/** In double quotes, so that the shell puts the token in; the rest in single quotes, so that it touches nothing. */
const authorization = '-H "Authorization: Bearer $TOKEN"';

const shellQuoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

export interface HubAddress {
  /** `https://hub:3000`, as the browser reaches it. */
  readonly origin: string;
  /** The hub signs its certificate itself, so curl must be told its authority. */
  readonly hasOwnAuthority: boolean;
}

/** `/api/v1/hosts` and its parameters; empty ones are left out. */
export function apiPath(
  path: string,
  parameters: Readonly<Record<string, string | number | null | readonly string[]>> = {},
): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    const values = typeof value === 'object' ? (value ?? []) : [value];
    for (const each of values) if (each !== '') query.append(name, String(each));
  }
  return query.size === 0 ? path : `${path}?${query}`;
}

/** The line that asks the API for `path` (with its query). `$TOKEN` is an API token, `ca.pem` the hub's authority. */
export function curlLine(hub: HubAddress, path: string): string {
  const authority = hub.hasOwnAuthority && hub.origin.startsWith('https:') ? '--cacert ca.pem ' : '';
  return `curl -fsS ${authority}${authorization} ${shellQuoted(`${hub.origin}${path}`)}`;
}
