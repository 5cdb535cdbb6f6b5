import { describe, expect, it } from 'vitest';
import { HubError } from './errors.ts';
import { ownPath } from './own-path.ts';
import { checkPassword, checkUserName, requireDone } from './people.ts';
import { createRateLimiter, networkOf } from './rate-limit.ts';

const refusal = (work: () => void): string | null => {
  try {
    work();
    return null;
  } catch (error) {
    return error instanceof HubError ? `${error.code} ${error.errors[0]?.pointer ?? ''}` : String(error);
  }
};

describe('a name', () => {
  it.each(['ada', 'Ada.Lovelace', 'ada@example.org', 'a', '0_x-y+z', 'x'.repeat(64)])('may be %s', (name) => {
    expect(refusal(() => checkUserName(name))).toBeNull();
  });
  it.each(['', ' ada', 'ada ', '.ada', 'ada\n', '<b>', 'аda', 'x'.repeat(65), 'a/b', '../x'])(
    'may not be %j',
    (name) => {
      expect(refusal(() => checkUserName(name))).toBe('unprocessable /name');
    },
  );
});

describe('a password', () => {
  it.each(['correct horse battery', '        12345', '🐎🐄🐖🐑🐐🐓🦆🐕🐈🐁🐇🦔'])('may be %j', (password) => {
    expect(refusal(() => checkPassword(password, 'ada'))).toBeNull();
  });
  it.each(['', 'elevenchars', '🐎🐄🐖🐑🐐🐓', 'aaaaaaaaaaaaaaa', 'adaadaADAada!', 'x1'.repeat(200)])(
    'may not be %j',
    (password) => {
      expect(refusal(() => checkPassword(password, 'ada'))).toBe('unprocessable /password');
    },
  );
});

describe('where to go after signing in', () => {
  it.each(['/', '/hosts', '/hosts/x?tab=stack&range=6h'])('may be %s', (path) => {
    expect(ownPath(path)).toBe(path);
  });
  it.each([
    null,
    '',
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    '/hosts\r\nset-cookie: x=1',
    'javascript:alert(1)',
    '/login?from=/login',
    '/logout',
    '/api/v1/hosts',
    '/invite/gfi_x',
  ])('is the fleet for %j', (path) => {
    expect(ownPath(path)).toBe('/');
  });
});

describe('a caller', () => {
  it.each([
    ['10.1.2.3', '10.1.2.3'],
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002:ffff::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['unknown', 'unknown'],
  ])('%s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  it('gets back what a success took', () => {
    const limiter = createRateLimiter(2, 0.001);
    for (let round = 0; round < 10; round += 1) {
      limiter.take('a', 0);
      limiter.giveBack('a');
    }
    limiter.take('a', 0);
    limiter.take('a', 0);
    expect(refusal(() => limiter.take('a', 0))).toMatch(/^too-many-requests/);
    limiter.giveBack('never seen');
  });
});

it('what the store refused is told as what to do', () => {
  const user = {
    id: 'u',
    name: 'ada',
    role: 'admin',
    createdAt: '',
    passwordHash: null,
    disabledAt: null,
    lastSeenAt: null,
  } as const;
  expect(refusal(() => requireDone('done', user))).toBeNull();
  expect(() => requireDone('last-admin', user)).toThrow(/ada is the last administrator.*another one first/);
  expect(refusal(() => requireDone('no-such-user', user))).toMatch(/^not-found/);
});
