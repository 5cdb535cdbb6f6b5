import { describe, expect, test } from 'vitest';
import { parseSubnet } from './access-settings.ts';
import { readHubConfig } from './hub-config.ts';

const read = (line: string, env: Record<string, string> = {}) =>
  readHubConfig(line.split(' ').filter(Boolean), env, () => '');
const access = (line: string, env: Record<string, string> = {}) => {
  const result = read(line, env);
  if (!result.ok) throw new Error(result.faults.join('\n'));
  return result.config.access;
};
const faults = (line: string, env: Record<string, string> = {}) => {
  const result = read(line, env);
  return result.ok ? '' : result.faults.join('\n');
};

const oidc = '--oidc-issuer https://id.example/realms/lab/ --oidc-client-id gpufleet --default-role viewer';

describe('proxies', () => {
  test('are believed on loopback only, unless told, and not at all without --behind-proxy', () => {
    expect(access('').proxy).toBeNull();
    expect(access('--behind-proxy').proxy?.trusted.map(({ address }) => address)).toEqual([
      '127.0.0.0',
      '::1',
    ]);
    expect(
      access('--behind-proxy --trusted-proxies 10.0.0.0/8 --trusted-proxies fd00::1').proxy?.trusted,
    ).toEqual([
      { address: '10.0.0.0', prefix: 8, family: 'ipv4' },
      { address: 'fd00::1', prefix: 128, family: 'ipv6' },
    ]);
  });

  test.each([
    '10.0.0.0/33',
    '10.0.0/8',
    'fe80::1%eth0',
    '::/129',
    'proxy.example',
    '10.0.0.0/8/8',
    '1.2.3.4/',
  ])('%s is no network', (text) => {
    expect(() => parseSubnet(text)).toThrow(/is not an address or network/);
  });

  test.each([
    ['--trusted-proxies 10.0.0.0/8', '--trusted-proxies: needs --behind-proxy'],
    ['--behind-proxy --proxy-user-header X-User --default-role viewer', 'needs --trusted-proxies'],
    ['--behind-proxy --proxy-groups-header X-Groups', 'needs --proxy-user-header'],
    [
      '--behind-proxy --trusted-proxies ::1 --proxy-user-header X-User',
      'nobody from outside would get a role',
    ],
    ['--behind-proxy --trusted-proxies ::1 --proxy-user-header Cookie', 'is not a header such as'],
    ['--behind-proxy --trusted-proxies ::1 --proxy-user-header X-Forwarded-For', 'is not a header such as'],
  ])('%s is a fault', (line, text) => {
    expect(faults(line)).toContain(text);
  });
});

describe('a provider', () => {
  test('keeps its name as given, and is called by its host', () => {
    expect(access(oidc).oidc).toMatchObject({
      issuer: 'https://id.example/realms/lab/',
      name: 'id.example',
      scopes: 'openid profile email',
      groupsClaim: 'groups',
      clientSecret: null,
    });
    const env = { GPUFLEET_OIDC_SCOPES: 'openid  groups', GPUFLEET_ADMIN_GROUP: 'root, gpu-admins' };
    expect(access(oidc, env).oidc?.scopes).toBe('openid groups');
    expect(access(oidc, env).roleMapping).toEqual({
      admin: ['root', 'gpu-admins'],
      operator: [],
      viewer: [],
      otherwise: 'viewer',
    });
  });

  test.each([
    ['--oidc-issuer https://id.example', 'go together'],
    [`${oidc} --oidc-issuer http://id.example`, 'must be https'],
    [`${oidc} --host 0.0.0.0 --tls-auto`, 'needs --public-url'],
    [`${oidc} --behind-proxy`, 'needs --public-url'],
    [`${oidc} --oidc-scopes profile`, 'must have the scope openid'],
    [`${oidc} --default-role root`, 'is none of viewer, operator, admin and none'],
    [`${oidc} --default-role none`, 'nobody from outside would get a role'],
    [`${oidc} --oidc-client-secret a --oidc-client-secret-file b`, 'give one'],
    [`${oidc} --oidc-allowed-domain not_a_domain`, 'is not a domain'],
  ])('%s is a fault', (line, text) => {
    expect(faults(line)).toContain(text);
  });

  test('on this machine may do without TLS, and a bad secret is not shown whole', () => {
    expect(faults(`${oidc} --oidc-issuer http://127.0.0.1:9000`)).toBe('');
    expect(faults(`${oidc} --oidc-issuer http://localhost:9000`)).toBe('');
    expect(faults(`${oidc}`, { GPUFLEET_OIDC_CLIENT_SECRET: '  ' })).toContain('is empty');
  });
});
