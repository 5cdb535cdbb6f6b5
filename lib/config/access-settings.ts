import { isIP } from 'node:net';
import { SettingError } from './parsers.ts';
import { flag, isLoopback, list, parseHttpUrl, parseText, type Values, value } from './read-settings.ts';

/** Settings of who may come in from outside: trusted proxies, an OpenID Connect provider, and which role they get. */
export const accessSettings = {
  trustedProxies: list(parseSubnet, {
    placeholder: 'CIDR',
    help: 'with --behind-proxy: only from here are forwarded headers believed (loopback); may be repeated',
  }),
  proxyUserHeader: value(parseHeaderName, null, {
    placeholder: 'NAME',
    help: 'header in which a trusted proxy says who is signed in; needs --trusted-proxies',
  }),
  proxyGroupsHeader: value(parseHeaderName, null, {
    placeholder: 'NAME',
    help: "header with that person's groups, joined by commas",
  }),
  proxyLogoutUrl: value(parseLogoutUrl, null, {
    placeholder: 'URL',
    help: 'where signing out leads people whom a proxy names',
  }),
  oidcIssuer: value(parseIssuer, null, {
    placeholder: 'URL',
    help: 'sign in through this OpenID Connect provider',
  }),
  oidcClientId: value(parseText, null, { placeholder: 'ID', help: "the hub's client id there" }),
  oidcClientSecret: value(parseText, null, {
    placeholder: 'SECRET',
    help: 'its secret; better in a file; none for a public client',
    secret: true,
  }),
  oidcClientSecretFile: value(parseText, null, { placeholder: 'FILE', help: 'file that holds it' }),
  oidcScopes: value(parseScopes, 'openid profile email', {
    placeholder: 'WORDS',
    help: 'scopes to ask for ("openid profile email")',
  }),
  oidcGroupsClaim: value(parseText, 'groups', {
    placeholder: 'CLAIM',
    help: 'claim with groups or roles; dots go deeper (groups; Keycloak: realm_access.roles)',
  }),
  oidcAllowedDomain: list(parseDomain, {
    placeholder: 'DOMAIN',
    help: 'only people with a verified e-mail address there; may be repeated',
  }),
  oidcName: value(parseShortText, null, {
    placeholder: 'NAME',
    help: 'what the button calls the provider (its host name)',
  }),
  oidcLogout: flag('signing out of the hub also signs out of the provider'),
  adminGroup: list(parseText, { placeholder: 'GROUP', help: 'whose members are admins; may be repeated' }),
  operatorGroup: list(parseText, { placeholder: 'GROUP', help: 'the same for operators' }),
  viewerGroup: list(parseText, { placeholder: 'GROUP', help: 'the same for viewers' }),
  defaultRole: value(parseDefaultRole, 'none' as const, {
    placeholder: 'ROLE',
    help: 'of people in none of these groups: viewer, operator, admin, or none, who stay out (none)',
  }),
};

type ExternalRole = 'viewer' | 'operator' | 'admin';

export interface Subnet {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

export interface ProxyConfig {
  /** Never empty: loopback unless told. */
  readonly trusted: readonly Subnet[];
  /** In lower case; null: proxies name nobody. */
  readonly userHeader: string | null;
  readonly groupsHeader: string | null;
  /** Null: signing out leads to the login page, where the proxy names them again. */
  readonly logoutUrl: string | null;
}

export interface OidcConfig {
  /** As given: a closing slash is part of its name. */
  readonly issuer: string;
  readonly clientId: string;
  /** The secret or where it is; both null for a public client. */
  readonly clientSecret: string | null;
  readonly clientSecretFile: string | null;
  readonly scopes: string;
  readonly groupsClaim: string;
  readonly allowedDomains: readonly string[];
  /** For the button. */
  readonly name: string;
  readonly endsProviderSession: boolean;
}

/** Which role people from outside get by their groups; the highest wins. */
export interface RoleMapping {
  readonly admin: readonly string[];
  readonly operator: readonly string[];
  readonly viewer: readonly string[];
  /** Of those in none of the groups; null: they stay out. */
  readonly otherwise: ExternalRole | null;
}

export interface AccessConfig {
  /** Null unless `--behind-proxy`. */
  readonly proxy: ProxyConfig | null;
  readonly oidc: OidcConfig | null;
  readonly roleMapping: RoleMapping;
}

type AccessValues = Values<typeof accessSettings> & {
  readonly behindProxy: boolean;
  readonly host: string;
  readonly publicUrl: string | null;
};

const loopback: readonly Subnet[] = [
  { address: '127.0.0.0', prefix: 8, family: 'ipv4' },
  { address: '::1', prefix: 128, family: 'ipv6' },
];

/** `10.0.0.0/8`, `fd00::/8`, `192.0.2.7`. */
export function parseSubnet(text: string): Subnet {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  const most = version === 4 ? 32 : 128;
  const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
  if (version === 0 || address.includes('%') || rest.length > 0 || prefix < 0 || prefix > most)
    throw new SettingError('is not an address or network such as 192.0.2.7, 10.0.0.0/8 or fd00::/8');
  return { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' };
}

/** What carries the hub's own meaning, or the proxy's, cannot carry a person's name as well. */
const takenHeaders =
  /^(host|cookie|authorization|origin|content-.*|transfer-encoding|connection|forwarded|x-forwarded-(for|host|proto|port)|x-gpufleet-.*|sec-.*)$/;

function parseHeaderName(text: string): string {
  const name = text.toLowerCase();
  if (!/^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/.test(name) || takenHeaders.test(name))
    throw new SettingError('is not a header such as X-Forwarded-User that could name a person');
  return name;
}

function parseLogoutUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new SettingError('is not an address such as https://auth.example.com/logout');
  return new URL(text).href;
}

function parseIssuer(text: string): string {
  parseHttpUrl(text);
  return text;
}

function parseScopes(text: string): string {
  const words = text.split(/[\s,]+/).filter(Boolean);
  if (!words.includes('openid')) throw new SettingError('must have the scope openid');
  return words.join(' ');
}

function parseDomain(text: string): string {
  const domain = text.replace(/^@/, '').toLowerCase();
  if (!/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(domain))
    throw new SettingError('is not a domain such as example.com');
  return domain;
}

function parseShortText(text: string): string {
  if (parseText(text).length > 60) throw new SettingError('is longer than 60 characters');
  return text;
}

function parseDefaultRole(text: string): ExternalRole | 'none' {
  if (text === 'none' || text === 'viewer' || text === 'operator' || text === 'admin') return text;
  throw new SettingError('is none of viewer, operator, admin and none');
}

function proxyFaults(values: AccessValues): string[] {
  const faults: string[] = [];
  if (!values.behindProxy)
    for (const [name, isGiven] of [
      ['--trusted-proxies', values.trustedProxies.length > 0],
      ['--proxy-user-header', values.proxyUserHeader !== null],
      ['--proxy-groups-header', values.proxyGroupsHeader !== null],
    ] as const)
      if (isGiven) faults.push(`${name}: needs --behind-proxy`);
  if (values.proxyUserHeader !== null && values.trustedProxies.length === 0)
    faults.push('--proxy-user-header: needs --trusted-proxies, since whoever sends it can be anyone');
  if (values.proxyGroupsHeader !== null && values.proxyUserHeader === null)
    faults.push('--proxy-groups-header: needs --proxy-user-header');
  if (values.proxyLogoutUrl !== null && values.proxyUserHeader === null)
    faults.push('--proxy-logout-url: needs --proxy-user-header');
  return faults;
}

function oidcFaults(values: AccessValues): string[] {
  const { oidcIssuer, oidcClientId, oidcClientSecret, oidcClientSecretFile } = values;
  const faults: string[] = [];
  if ((oidcIssuer === null) !== (oidcClientId === null))
    faults.push('--oidc-issuer and --oidc-client-id: go together');
  if (oidcClientSecret !== null && oidcClientSecretFile !== null)
    faults.push('--oidc-client-secret and --oidc-client-secret-file: give one');
  if (oidcIssuer === null) return faults;
  const { protocol, hostname } = new URL(oidcIssuer);
  if (protocol !== 'https:' && !isLoopback(hostname.replace(/^\[|\]$/g, '')))
    faults.push(`--oidc-issuer: "${oidcIssuer}" must be https, unless the provider is on this machine`);
  if (values.publicUrl === null && (values.behindProxy || !isLoopback(values.host)))
    faults.push('--oidc-issuer: needs --public-url, the address to which the provider sends people back');
  return faults;
}

/** What the settings say together that cannot be. */
export function accessFaults(values: AccessValues): readonly string[] {
  const { adminGroup, operatorGroup, viewerGroup, defaultRole } = values;
  const faults = [...proxyFaults(values), ...oidcFaults(values)];
  const noGroups = adminGroup.length + operatorGroup.length + viewerGroup.length === 0;
  const fromOutside = values.oidcIssuer !== null || values.proxyUserHeader !== null;
  if (fromOutside && noGroups && defaultRole === 'none')
    faults.push(
      '--default-role, --admin-group, --operator-group, --viewer-group: nobody from outside would get a role; give at least one',
    );
  return faults;
}

function toOidc(values: AccessValues): OidcConfig | null {
  const { oidcIssuer, oidcClientId } = values;
  if (oidcIssuer === null || oidcClientId === null) return null;
  return {
    issuer: oidcIssuer,
    clientId: oidcClientId,
    clientSecret: values.oidcClientSecret,
    clientSecretFile: values.oidcClientSecretFile,
    scopes: values.oidcScopes,
    groupsClaim: values.oidcGroupsClaim,
    allowedDomains: values.oidcAllowedDomain,
    name: values.oidcName ?? new URL(oidcIssuer).hostname,
    endsProviderSession: values.oidcLogout,
  };
}

export function toAccessConfig(values: AccessValues): AccessConfig {
  const { trustedProxies, defaultRole } = values;
  return {
    proxy: values.behindProxy
      ? {
          trusted: trustedProxies.length > 0 ? trustedProxies : loopback,
          userHeader: values.proxyUserHeader,
          groupsHeader: values.proxyGroupsHeader,
          logoutUrl: values.proxyLogoutUrl,
        }
      : null,
    oidc: toOidc(values),
    roleMapping: {
      admin: values.adminGroup,
      operator: values.operatorGroup,
      viewer: values.viewerGroup,
      otherwise: defaultRole === 'none' ? null : defaultRole,
    },
  };
}
