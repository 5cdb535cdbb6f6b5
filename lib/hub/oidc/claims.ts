import type { OidcConfig } from '../../config/access-settings.ts';
import { HubError } from '../errors.ts';
import type { ExternalPerson } from '../operations/admit-external.ts';

export type Claims = Readonly<Record<string, unknown>>;

const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value.trim() !== '' ? value.trim() : null;

/** `groups`, or `realm_access.roles` by way of an object; a claim whose own name has dots comes first. */
function claimAt(claims: Claims, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  let value: unknown = claims;
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = Reflect.get(value, part);
  }
  return value;
}

/** A list of texts, or one text; anything else is no group. */
export function groupsOf(claims: Claims, path: string): readonly string[] {
  const value = claimAt(claims, path);
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.map(textOf).filter((group) => group !== null);
}

/** Whether the user info endpoint must be asked too. */
export const lacksClaims = (claims: Claims, config: OidcConfig): boolean =>
  claimAt(claims, config.groupsClaim) === undefined ||
  textOf(claims['preferred_username'] ?? claims['name'] ?? claims['email']) === null ||
  (config.allowedDomains.length > 0 && claims['email'] === undefined);

/** An address counts only where the provider says that it is verified: anyone can write one into a profile. */
function checkDomain(claims: Claims, allowedDomains: readonly string[]): void {
  if (allowedDomains.length === 0) return;
  const domain = /^[^@]+@([^@]+)$/.exec(textOf(claims['email']) ?? '')?.[1]?.toLowerCase() ?? '';
  const isVerified = claims['email_verified'] === true || claims['email_verified'] === 'true';
  if (isVerified && allowedDomains.includes(domain)) return;
  throw new HubError(
    'forbidden',
    `This hub takes only people with a verified e-mail address at ${allowedDomains.join(', ')}.`,
  );
}

/** The person whom checked claims describe. Throws `forbidden` for an e-mail address elsewhere. */
export function personOf(claims: Claims, issuer: string, config: OidcConfig): ExternalPerson {
  checkDomain(claims, config.allowedDomains);
  const subject = textOf(claims['sub']);
  if (subject === null) throw new HubError('forbidden', 'The provider did not say who this is.');
  const name = textOf(claims['preferred_username']) ?? textOf(claims['name']) ?? textOf(claims['email']);
  return { issuer, subject, name: name ?? subject, groups: groupsOf(claims, config.groupsClaim) };
}
