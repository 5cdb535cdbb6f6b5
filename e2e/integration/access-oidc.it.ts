import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { UserView } from '../../lib/hub/people-views.ts';
import type { AuditEntry } from '../../lib/state/state-store.ts';
import { type OidcServer, startOidcServer } from './support/oidc-server.ts';
import { type Answer, send } from './support/pusher.ts';
import { Cleanup, eventually, freePort, temporaryFolder } from './support/temporary.ts';
import { TestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

let hub: TestHub;
let oidc: OidcServer;
beforeAll(async () => {
  const port = await freePort();
  const folder = temporaryFolder(cleanup, 'oidc');
  oidc = await startOidcServer(cleanup, { redirectUris: [`http://127.0.0.1:${port}/login/oidc/callback`] });
  writeFileSync(join(folder, 'secret'), `${oidc.clientSecret}\n`);
  const options = [
    ['--oidc-issuer', oidc.issuer, '--oidc-client-id', oidc.clientId, '--oidc-name', 'Test & Co'],
    ['--oidc-client-secret-file', join(folder, 'secret')],
    ['--admin-group', 'gpu-admins', '--operator-group', 'oncall', '--viewer-group', 'staff', '--oidc-logout'],
  ].flat();
  hub = new TestHub(cleanup, { options }, { port, dataFolder: join(folder, 'data') });
  await hub.start();
});

/** A browser's cookies and the way it goes from answer to answer, with no script. */
class Browser {
  readonly #jars = new Map<string, Map<string, string>>();

  async go(address: string, form?: Record<string, string>): Promise<Answer & { readonly address: string }> {
    const url = new URL(address);
    const jar = this.#jars.get(url.host) ?? new Map<string, string>();
    this.#jars.set(url.host, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await send(address, {
      method: form === undefined ? 'GET' : 'POST',
      headers: {
        ...(cookie === '' ? {} : { cookie }),
        ...(form === undefined
          ? {}
          : { 'content-type': 'application/x-www-form-urlencoded', origin: url.origin }),
      },
      ...(form === undefined ? {} : { body: new URLSearchParams(form).toString() }),
    });
    for (const text of [answer.headers['set-cookie'] ?? []].flat()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(text) ?? [];
      if (value === '' || /Max-Age=0|expires=Thu, 01 Jan 1970/i.test(text)) jar.delete(name);
      else jar.set(name, value);
    }
    return { ...answer, address };
  }

  /** Follows redirects until the way leads to the callback or ends. */
  async follow(from: Answer & { readonly address: string }, until: RegExp) {
    let at = from;
    for (let steps = 0; steps < 12; steps += 1) {
      const location = at.headers['location'];
      if (typeof location !== 'string') return at;
      const next = new URL(location, at.address).href;
      if (until.test(next)) return { ...at, address: next };
      at = await this.go(next);
    }
    throw new Error(`goes in circles at ${at.address}`);
  }

  /** Up to the address to which the provider sends the browser back, not asked for yet. */
  async untilCallback(sub: string, path = '/login/oidc'): Promise<string> {
    const page = await this.follow(await this.go(`${hub.url}${path}`), /\/login\/oidc\/callback\?/);
    if (/callback\?/.test(page.address)) return page.address;
    const chosen = await this.go(page.address, { sub });
    return (await this.follow(chosen, /\/login\/oidc\/callback\?/)).address;
  }

  async signIn(sub: string, path?: string) {
    return this.go(await this.untilCallback(sub, path));
  }

  async whoami(): Promise<{ status: number; role: string }> {
    const { status } = await this.go(`${hub.url}/api/v1/hosts`);
    if (status !== 200) return { status, role: 'none' };
    // Removing a host that is not there tells a role apart without changing anything.
    const remove = await this.#remove();
    return { status, role: remove === 404 ? 'admin' : 'less' };
  }

  async #remove(): Promise<number> {
    const jar = this.#jars.get(new URL(hub.url).host) ?? new Map<string, string>();
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const path = '/api/v1/hosts/00000000-0000-4000-8000-000000000000';
    return (await send(`${hub.url}${path}`, { method: 'DELETE', headers: { cookie, origin: hub.url } }))
      .status;
  }
}

describe('signing in through a provider', () => {
  test('makes a user with the role of their groups, and goes on to where they wanted', async () => {
    oidc.people.set('s-1', { name: 'ada', groups: ['gpu-admins', 'staff'] });
    const browser = new Browser();
    const back = await browser.signIn('s-1', '/login/oidc?from=%2Fhosts%3Fgroup%3Dstate');
    expect([back.status, back.headers['location'], back.body]).toEqual([303, '/hosts?group=state', '']);
    expect(String(back.headers['set-cookie'])).toMatch(
      /gpufleet_session=gfs_[^;]+; Path=\/; HttpOnly; SameSite=Lax/,
    );
    expect(await browser.whoami()).toEqual({ status: 200, role: 'admin' });
  });

  test('takes over a changed role at the next time, for whom the provider says it is', async () => {
    // The one that each hub makes at its first start; ada is one too.
    await hub.command('user', 'remove', 'admin');
    oidc.people.set('s-1', { name: 'ada', groups: ['staff'] });
    const browser = new Browser();
    await browser.signIn('s-1');
    expect(await browser.whoami()).toEqual({ status: 200, role: 'less' });
    oidc.people.set('s-1', { name: 'ada', groups: ['visitors'] });
    const refused = await new Browser().signIn('s-1');
    expect([refused.status, refused.body]).toEqual([
      403,
      expect.stringContaining('ada has no role in this hub'),
    ]);
    // Whoever lost every role loses the sessions too.
    expect((await browser.whoami()).status).toBe(401);
    // Nobody else was an administrator: the provider's word counts, and nobody can miss it.
    await eventually(
      async () => /ada was the last administrator and is none any more, as http.*login-link/.test(hub.output),
      { what: 'a line of the log' },
    );
    oidc.people.set('s-1', { name: 'ada', groups: ['oncall'] });
    await new Browser().signIn('s-1');
    oidc.people.set('s-1', { name: 'ada', groups: [] });
    expect((await new Browser().signIn('s-1')).status).toBe(403);
    const authorization = `Bearer ${await hub.apiToken('admin')}`;
    const asked = async <T>(path: string): Promise<readonly T[]> => {
      const { body } = await send(`${hub.url}${path}`, { method: 'GET', headers: { authorization } });
      return (JSON.parse(body) as { items: T[] }).items;
    };
    const entries = await asked<AuditEntry>('/api/v1/audit?subject=ada&action=user.update');
    expect(entries.map(({ before, after }) => [before, after])).toEqual([
      ['ada, operator', `ada, no role, from ${oidc.issuer}`],
      ['ada, viewer', `ada, operator, from ${oidc.issuer}`],
      ['ada, admin', `ada, viewer, from ${oidc.issuer}; no administrator is left`],
    ]);
    // No link of the hub's machine takes someone who was shut out for an administrator.
    expect((await asked<UserView>('/api/v1/users?q=ada'))[0]?.role).toBe('viewer');
  });

  test('never takes over a user of the same name', async () => {
    const local = new Browser();
    const link = new URL(await hub.loginLink()).pathname;
    await local.go(`${hub.url}${link}`, {});
    expect((await local.whoami()).role).toBe('admin');
    oidc.people.set('s-2', { name: 'admin', groups: ['staff'] });
    oidc.people.set('s-3', {
      name: 'Admin',
      groups: ['oncall'],
      email: 'admin@example.com',
      emailVerified: true,
    });
    for (const sub of ['s-2', 's-3']) {
      const browser = new Browser();
      await browser.signIn(sub);
      expect(await browser.whoami()).toEqual({ status: 200, role: 'less' });
    }
    expect((await local.whoami()).role).toBe('admin');
  });

  test('signing out ends the session here, and leads to where the provider ends its own', async () => {
    oidc.people.set('s-5', { name: 'eve', groups: ['staff'] });
    const browser = new Browser();
    await browser.signIn('s-5');
    const out = await browser.go(`${hub.url}/logout`, {});
    const location = new URL(String(out.headers['location']));
    expect(`${location.origin}${location.pathname}`).toBe(`${oidc.issuer}/session/end`);
    expect(Object.fromEntries(location.searchParams)).toEqual({
      client_id: oidc.clientId,
      post_logout_redirect_uri: `${hub.url}/login`,
    });
    expect((await browser.whoami()).status).toBe(401);
    const local = new Browser();
    await local.go(`${hub.url}${new URL(await hub.loginLink()).pathname}`, {});
    expect((await local.go(`${hub.url}/logout`, {})).headers['location']).toBe('/login');
  });

  test('says in escaped words when the provider or the person refuses', async () => {
    const refused = await new Browser().signIn('');
    expect(refused.status).toBe(403);
    expect(refused.body).toContain('Test &#38; Co refused: access_denied: Not');
    const markup = await new Browser().go(
      `${hub.url}/login/oidc/callback?error=x&error_description=%3Cscript%3Ealert(1)%3C/script%3E&state=${'A'.repeat(43)}`,
    );
    expect([markup.status, markup.body]).toEqual([403, expect.not.stringContaining('<script')]);
    expect(markup.headers['content-security-policy']).toContain("default-src 'none'");
  });
});

describe('a sign-in is refused', () => {
  test('when its address is used again, or in another browser, or made up', async () => {
    oidc.people.set('s-4', { name: 'bea', groups: ['staff'] });
    const browser = new Browser();
    const callback = await browser.untilCallback('s-4');
    const other = await new Browser().go(callback);
    expect([other.status, other.body]).toEqual([403, expect.stringContaining('not begun in this browser')]);
    expect(other.headers['set-cookie']?.toString()).not.toContain('gpufleet_session');
    expect((await browser.go(callback)).status).toBe(303);
    expect((await browser.go(callback)).status).toBe(403);
    for (const query of ['', '?code=x', '?code=x&state=y', '?state=', `?code=x&state=${'A'.repeat(43)}`])
      expect((await browser.go(`${hub.url}/login/oidc/callback${query}`)).status, query).toBe(403);
  });

  test('when the cookie that was kept is put back after its use', async () => {
    const browser = new Browser();
    const start = await browser.go(`${hub.url}/login/oidc`);
    const kept = String([start.headers['set-cookie']].flat()[0]).split(';')[0] ?? '';
    const page = await browser.follow(start, /callback\?/);
    const callback = (await browser.follow(await browser.go(page.address, { sub: 's-4' }), /callback\?/))
      .address;
    const once = await send(callback, { method: 'GET', headers: { cookie: kept } });
    expect(once.status).toBe(303);
    const twice = await send(callback, { method: 'GET', headers: { cookie: kept } });
    expect([twice.status, twice.body]).toEqual([403, expect.stringContaining('used already')]);
  });

  test('when state and code belong to two sign-ins', async () => {
    const browser = new Browser();
    const [first, second] = [await browser.untilCallback('s-4'), await browser.untilCallback('s-4')];
    const mixed = new URL(first);
    mixed.searchParams.set('code', new URL(second).searchParams.get('code') ?? '');
    const answer = await browser.go(mixed.href);
    expect([answer.status, answer.headers['set-cookie']?.toString()]).toEqual([
      403,
      expect.not.stringContaining('gpufleet_session'),
    ]);
    const issuer = new URL(second);
    issuer.searchParams.set('iss', 'https://evil.example');
    expect((await browser.go(issuer.href)).status).toBe(403);
  });

  test('no other site is gone on to', async () => {
    for (const from of [
      '//evil.example',
      'https://evil.example',
      '/\\evil.example',
      '/login',
      '/%0a//evil',
      'x',
    ]) {
      const back = await new Browser().signIn('s-4', `/login/oidc?${new URLSearchParams({ from })}`);
      expect(back.status).toBe(303);
      expect(new URL(String(back.headers['location']), hub.url).origin, from).toBe(hub.url);
    }
  });
});

test('a provider that is down is said, stops nothing, and is used again when it is back', async () => {
  await oidc.stop();
  await hub.stop();
  await hub.start();
  const down = await new Browser().go(`${hub.url}/login/oidc?from=%2Fgpus`);
  expect([down.status, down.headers['location']]).toEqual([303, '/login?from=%2Fgpus']);
  expect((await send(`${hub.url}/healthz`, { method: 'GET', headers: {} })).status).toBe(200);
  expect(hub.output).toMatch(/sign-in through http\S+: .*ECONNREFUSED.*tried again until it answers/);
  await oidc.start();
  await eventually(async () => hub.output.includes('answers again'), {
    seconds: 20,
    what: 'the provider to be found',
  });
  expect((await new Browser().signIn('s-4')).status).toBe(303);
});

test('sign-ins from one address are limited, with the time to wait', async () => {
  let last: Answer | null = null;
  for (let i = 0; i < 70 && last?.status !== 429; i += 1)
    last = await send(`${hub.url}/login/oidc`, {
      method: 'GET',
      headers: { 'x-forwarded-for': `192.0.2.${i}` },
    });
  expect([last?.status, Number(last?.headers['retry-after'])]).toEqual([429, expect.any(Number)]);
});
