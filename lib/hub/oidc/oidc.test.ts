import { describe, expect, test } from 'vitest';
import type { OidcConfig } from '../../config/access-settings.ts';
import { HubError } from '../errors.ts';
import { mappedRole } from '../operations/admit-external.ts';
import { groupsOf, lacksClaims, personOf } from './claims.ts';
import { inWords } from './in-words.ts';
import { createTransactions, type Transaction, transactionCookie } from './transaction.ts';

const config: OidcConfig = {
  issuer: 'https://id.example',
  clientId: 'hub',
  clientSecret: null,
  clientSecretFile: null,
  scopes: 'openid',
  groupsClaim: 'groups',
  allowedDomains: [],
  name: 'id.example',
  endsProviderSession: false,
};

describe('claims', () => {
  test.each([
    ['groups', { groups: ['a', 'b'] }, ['a', 'b']],
    ['groups', { groups: 'a' }, ['a']],
    ['groups', { groups: [1, null, 'a', '', { b: 1 }] }, ['a']],
    ['groups', { groups: { a: true } }, []],
    ['groups', {}, []],
    ['realm_access.roles', { realm_access: { roles: ['a'] } }, ['a']],
    ['https://hub.example/roles', { 'https://hub.example/roles': ['a'] }, ['a']],
    ['constructor.name', {}, []],
    ['groups.0', { groups: 'text' }, []],
  ])('%s of %j are %j', (path, claims, groups) => {
    expect(groupsOf(claims, path)).toEqual(groups);
  });

  test('name a person by what the provider is sure of, and never by an address alone', () => {
    const claims = { sub: 's', preferred_username: ' ada ', name: 'Ada L.', email: 'ada@example.com' };
    expect(personOf(claims, 'https://id.example', config)).toEqual({
      issuer: 'https://id.example',
      subject: 's',
      name: 'ada',
      groups: [],
    });
    expect(personOf({ sub: 's' }, 'i', config).name).toBe('s');
    expect(() => personOf({ email: 'ada@example.com' }, 'i', config)).toThrow(HubError);
  });

  test.each([
    [{ email: 'a@example.com', email_verified: true }, true],
    [{ email: 'a@EXAMPLE.com', email_verified: 'true' }, true],
    [{ email: 'a@example.com', email_verified: false }, false],
    [{ email: 'a@example.com' }, false],
    [{ email: 'a@evil.example', email_verified: true }, false],
    [{ email: 'example.com', email_verified: true }, false],
    [{ email: 'a@evil.example@example.com', email_verified: true }, false],
    [{ email_verified: true }, false],
  ])('%j comes in with an allowed domain: %s', (claims, comesIn) => {
    const person = () =>
      personOf({ sub: 's', ...claims }, 'i', { ...config, allowedDomains: ['example.com'] });
    if (comesIn) expect(person().subject).toBe('s');
    else expect(person).toThrow(/verified e-mail address at example\.com/);
  });

  test('are asked of user info only where something is missing', () => {
    expect(lacksClaims({ groups: [], name: 'a' }, config)).toBe(false);
    expect(lacksClaims({ name: 'a' }, config)).toBe(true);
    expect(lacksClaims({ groups: [] }, config)).toBe(true);
    expect(lacksClaims({ groups: [], name: 'a' }, { ...config, allowedDomains: ['x'] })).toBe(true);
  });

  test('give the highest role of their groups, or the default', () => {
    const mapping = { admin: ['root'], operator: ['oncall'], viewer: ['staff'], otherwise: null };
    expect(mappedRole(mapping, ['staff', 'root', 'oncall'])).toBe('admin');
    expect(mappedRole(mapping, ['Root', 'staff '])).toBeNull();
    expect(mappedRole({ ...mapping, otherwise: 'viewer' }, [])).toBe('viewer');
  });
});

describe('a sign-in under way', () => {
  const transaction: Transaction = {
    state: 'S'.repeat(43),
    nonce: 'n',
    verifier: 'v',
    redirectUri: 'https://hub.example/login/oidc/callback',
    returnTo: '/',
    expiresAtMillis: 1000,
  };
  const cookieOf = (sealed: string, state = transaction.state) =>
    `theme=x; ${transactionCookie(state)}=${sealed}`;

  test('is opened by the browser that keeps it, once, while it lasts', () => {
    const transactions = createTransactions();
    const cookie = cookieOf(transactions.seal(transaction));
    expect(transactions.take(cookie, transaction.state, 1000)).toBeNull();
    expect(transactions.take(null, transaction.state, 1)).toBeNull();
    expect(transactions.take(cookie, transaction.state, 1)).toEqual(transaction);
    expect(transactions.take(cookie, transaction.state, 2)).toBe('used');
  });

  test('is not opened for another state, another hub, or with a bit changed', () => {
    const transactions = createTransactions();
    const sealed = transactions.seal(transaction);
    // The name of the cookie is only a part of the state.
    const alike = `${transaction.state.slice(0, 42)}T`;
    expect(transactions.take(cookieOf(sealed, alike), alike, 1)).toBeNull();
    expect(createTransactions().take(cookieOf(sealed), transaction.state, 1)).toBeNull();
    const bytes = Buffer.from(sealed, 'base64url');
    for (const at of [0, 13, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(transactions.take(cookieOf(changed.toString('base64url')), transaction.state, 1)).toBeNull();
    }
    for (const text of ['', 'AAAA', '%', '='.repeat(50)])
      expect(transactions.take(cookieOf(text), transaction.state, 1)).toBeNull();
    expect(sealed).not.toContain(Buffer.from('verifier').toString('base64url'));
  });
});

describe('what is wrong with a provider', () => {
  const caused = (code: string, message = code) =>
    new TypeError('fetch failed', { cause: Object.assign(new Error(message), { code }) });

  test.each([
    [caused('ECONNREFUSED', 'connect ECONNREFUSED 10.0.0.5:443'), 'it refuses connections'],
    [new AggregateError([caused('EHOSTUNREACH')]), 'it cannot be reached'],
    [caused('DEPTH_ZERO_SELF_SIGNED_CERT'), 'the hub does not trust its certificate'],
    [caused('ENOTFOUND', 'getaddrinfo ENOTFOUND id.internal'), 'its name is not known'],
    [new Error('surprise'), 'it does not answer as it should'],
    ['no error', 'it does not answer as it should'],
  ])('%s is said without an address', (error, words) => {
    expect(inWords(error).forAnyone).toBe(words);
  });

  test('is told the log in full', () => {
    expect(inWords(caused('ECONNREFUSED', 'connect ECONNREFUSED 10.0.0.5:443')).forTheLog).toBe(
      'fetch failed: connect ECONNREFUSED 10.0.0.5:443',
    );
  });
});
