import { describe, expect, it } from 'vitest';
import { type StateStore, StoreError } from '../state/state-store.ts';
import type { Actor } from './actor.ts';
import type { HubContext } from './context.ts';
import { HubError, type HubErrorCode } from './errors.ts';
import { identify, sessionSecret } from './operations/identify.ts';
import { problemHeaders, problemOf, toHubError } from './problem.ts';
import { createRateLimiter } from './rate-limit.ts';
import { requireAgent, requireRole, requireScraper } from './require-role.ts';
import { requireOwnOrigin, requireOwnPage } from './same-origin.ts';
import { hashSecret, newSecret, secretKind } from './secrets.ts';

const user = (role: 'viewer' | 'operator' | 'admin'): Actor => ({ kind: 'user', id: 'u', name: 'u', role });
const person = {
  id: 'u',
  name: 'u',
  role: 'admin',
  passwordHash: null,
  disabledAt: null,
  lastSeenAt: null,
} as const;
const token = (scope: 'api' | 'scrape'): Actor => ({
  kind: 'token',
  id: 't',
  name: 't',
  role: 'viewer',
  scope,
});
const agent: Actor = { kind: 'agent', hostId: 'h' };
const stranger: Actor = { kind: 'stranger' };

function codeOf(work: () => unknown): HubErrorCode | 'ok' {
  try {
    work();
    return 'ok';
  } catch (error) {
    return error instanceof HubError ? error.code : 'internal';
  }
}

describe('roles', () => {
  it.each<[Actor, HubErrorCode | 'ok', HubErrorCode | 'ok', HubErrorCode | 'ok', HubErrorCode | 'ok']>([
    [stranger, 'unauthenticated', 'unauthenticated', 'unauthenticated', 'unauthenticated'],
    [agent, 'forbidden', 'forbidden', 'forbidden', 'ok'],
    [token('scrape'), 'forbidden', 'forbidden', 'ok', 'forbidden'],
    [token('api'), 'ok', 'forbidden', 'ok', 'forbidden'],
    [user('viewer'), 'ok', 'forbidden', 'ok', 'forbidden'],
    [user('operator'), 'ok', 'forbidden', 'ok', 'forbidden'],
    [user('admin'), 'ok', 'ok', 'ok', 'forbidden'],
    [{ kind: 'system' }, 'ok', 'ok', 'ok', 'forbidden'],
  ])('%j reads %s, administers %s, scrapes %s, pushes %s', (actor, reads, administers, scrapes, pushes) => {
    expect(codeOf(() => requireRole(actor, 'viewer'))).toBe(reads);
    expect(codeOf(() => requireRole(actor, 'admin'))).toBe(administers);
    expect(codeOf(() => requireScraper(actor))).toBe(scrapes);
    expect(codeOf(() => requireAgent(actor))).toBe(pushes);
  });

  it('an operator is more than a viewer', () => {
    expect(codeOf(() => requireRole(user('operator'), 'operator'))).toBe('ok');
    expect(codeOf(() => requireRole(user('viewer'), 'operator'))).toBe('forbidden');
  });
});

describe('secrets', () => {
  it('tell their kind and are never alike', () => {
    const made = Array.from({ length: 50 }, () => newSecret('agent'));
    expect(new Set(made).size).toBe(50);
    expect(made.map(secretKind)).toEqual(Array(50).fill('agent'));
    expect([secretKind('gfa_short'), secretKind('x'.repeat(47)), secretKind('')]).toEqual([null, null, null]);
    expect(hashSecret('a')).toHaveLength(64);
  });

  it('of a session are found among other cookies', () => {
    expect(sessionSecret('theme=dark; gpufleet_session=gfs_1; x=y=z')).toBe('gfs_1');
    expect([sessionSecret(null), sessionSecret('not_gpufleet_session=1')]).toEqual([null, null]);
  });
});

describe('a session', () => {
  it.each([
    ['5 min', 'link', 300, 60],
    ['7 days', 'link', 604_800, 600],
    ['5 min from a provider, which is asked anew after it,', 'oidc', 300, 60],
  ] as const)('of %s lasts while it is used', async (_, how, sessionLifeSeconds, everySeconds) => {
    const secret = newSecret('session');
    let nowMillis = Date.parse('2026-11-23T12:00:00.000Z');
    const at = (millis: number) => new Date(millis).toISOString();
    let session = {
      id: 's',
      tokenHash: hashSecret(secret),
      userId: 'u',
      how,
      peer: '127.0.0.1',
      userAgent: '',
      createdAt: at(nowMillis),
      lastSeenAt: at(nowMillis),
      expiresAt: at(nowMillis + sessionLifeSeconds * 1000),
    };
    let writes = 0;
    const state: Partial<StateStore> = {
      getSession: async () => session,
      getUser: async () => ({ ...person, createdAt: at(0) }),
      touchSession: async (_hash, changed) => {
        session = { ...session, ...changed };
        writes += 1;
      },
    };
    const context = { state, config: { sessionLifeSeconds }, now: () => nowMillis } as unknown as HubContext;
    const ask = () => identify(context, (name) => (name === 'cookie' ? `gpufleet_session=${secret}` : null));
    for (let i = 1; i <= 20; i += 1) {
      nowMillis += everySeconds * 1000;
      const isOver = how === 'oidc' && i * everySeconds > sessionLifeSeconds;
      expect((await ask()).kind).toBe(isOver ? 'stranger' : 'user');
    }
    expect(writes).toBeLessThanOrEqual(10);
    nowMillis += sessionLifeSeconds * 1000 + 1;
    expect((await ask()).kind).toBe('stranger');
  });
});

describe('the origin of a change', () => {
  const context = { config: { publicUrl: 'https://gpus.example' } } as HubContext;
  const from = (headers: Record<string, string>) => (name: string) => headers[name] ?? null;

  it.each<[Record<string, string>, HubErrorCode | 'ok']>([
    [{}, 'forbidden'],
    [{ origin: 'null' }, 'forbidden'],
    [{ origin: 'http://evil.example', host: 'hub:3000' }, 'forbidden'],
    [{ origin: 'http://hub:3000', host: 'hub:3000' }, 'ok'],
    [{ origin: 'https://gpus.example', host: 'inner:3000' }, 'ok'],
    [{ 'sec-fetch-site': 'same-origin' }, 'ok'],
    [{ 'sec-fetch-site': 'same-site', origin: 'http://hub:3000', host: 'hub:3000' }, 'forbidden'],
  ])('%j is %s', (headers, outcome) => {
    expect(codeOf(() => requireOwnPage(context, from(headers)))).toBe(outcome);
    expect(codeOf(() => requireOwnOrigin(user('admin'), context, from(headers)))).toBe(outcome);
    expect(codeOf(() => requireOwnOrigin(token('api'), context, from(headers)))).toBe('ok');
  });
});

describe('problems', () => {
  it('map each code to its status', () => {
    const codes: Record<HubErrorCode, number> = {
      unauthenticated: 401,
      forbidden: 403,
      'not-found': 404,
      invalid: 400,
      unprocessable: 422,
      conflict: 409,
      'too-large': 413,
      'unsupported-media-type': 415,
      'method-not-allowed': 405,
      'too-many-requests': 429,
      unavailable: 503,
      internal: 500,
    };
    for (const [code, status] of Object.entries(codes))
      expect(problemOf(new HubError(code as HubErrorCode, 'why'))).toMatchObject({ status, detail: 'why' });
  });

  it('tell a stranger nothing of what went wrong inside', () => {
    const inside = toHubError(new TypeError('secret path /data/state.sqlite'));
    expect(JSON.stringify(problemOf(inside))).not.toContain('sqlite');
    const store = toHubError(new StoreError('full', 'disk /data is full'));
    expect([store.code, JSON.stringify(problemOf(store)).includes('/data')]).toEqual(['unavailable', false]);
    expect(problemHeaders(store)['retry-after']).toBe('5');
  });

  it('tell a person whose question is too large what to change, and not to come back with it', () => {
    const error = toHubError(new StoreError('too-large', 'the query reads more than 5 rows of /data'));
    expect(problemOf(error)).toMatchObject({ status: 400, errors: [{ pointer: 'select' }] });
    expect(error.message).toMatch(/narrow the selection.*longer step/);
    expect(problemHeaders(error)['retry-after']).toBe(undefined);
  });
});

describe('a rate limit', () => {
  it('lets a burst through, then tells how long to wait, per caller', () => {
    const limiter = createRateLimiter(3, 0.5);
    for (let i = 0; i < 3; i += 1) limiter.take('a', 0);
    expect(() => limiter.take('a', 0)).toThrow(expect.objectContaining({ retryAfterSeconds: 2 }));
    expect(codeOf(() => limiter.take('b', 0))).toBe('ok');
    expect(codeOf(() => limiter.take('a', 2000))).toBe('ok');
    expect(codeOf(() => limiter.check('a', 2000))).toBe('too-many-requests');
    expect(codeOf(() => limiter.check('a', 10_000))).toBe('ok');
  });
});
