import { describe, expect, test } from 'vitest';
import { namesOfAgentSettings, readAgentConfig } from './agent-config.ts';
import { agentSettingNames } from './setting-names.ts';

const noFile = (): string => {
  throw new Error('no file');
};
const read = (argv: string[], env: Record<string, string> = {}) => readAgentConfig(argv, env, noFile);
const config = (argv: string[], env: Record<string, string> = {}) => {
  const result = read(argv, env);
  if (!result.ok) throw new Error(result.faults.join('\n'));
  return result.config;
};
const faults = (argv: string[], env: Record<string, string> = {}): string => {
  const result = read(argv, env);
  return result.ok ? '' : result.faults.join('\n');
};
const hub = ['--hub', 'https://hub.example.com/'];
const token = `gfe_${'a'.repeat(43)}`;

test('the names that the hub lets pass are these', () => {
  expect([...agentSettingNames].sort()).toEqual([...namesOfAgentSettings()].sort());
});

test('has defaults for all but the hub', () => {
  expect(config(hub)).toMatchObject({
    hubUrl: 'https://hub.example.com',
    labels: {},
    intervalSeconds: 5,
    nvidiaSmiPath: null,
    dockerSocketPath: '/var/run/docker.sock',
    hold: true,
    once: false,
    spoolBytes: 64 * 1024 * 1024,
  });
  expect(faults([])).toContain('--hub');
  expect(config(['--listen', '127.0.0.1:9400']).listen).toEqual({ host: '127.0.0.1', port: 9400 });
});

test('reads what the command line of the contract gives', () => {
  const argv = [
    ...hub,
    ...['--token', token, '--label', 'rack=a1', '--label', 'group=lab', '--interval', '1s'],
    ...[
      '--nvidia-smi',
      '/opt/nvidia-smi',
      '--no-hold',
      '--once',
      '--ca-fingerprint',
      `SHA256:${'AB:'.repeat(31)}AB`,
    ],
  ];
  expect(config(argv)).toMatchObject({
    token,
    labels: { rack: 'a1', group: 'lab' },
    intervalSeconds: 1,
    nvidiaSmiPath: '/opt/nvidia-smi',
    hold: false,
    once: true,
    caFingerprint: 'ab'.repeat(32),
  });
});

test('prints without sending', () => {
  expect(config([...hub, '--once', '--stdout'])).toMatchObject({ hubUrl: null, once: true, stdout: true });
});

describe('Docker', () => {
  test('follows DOCKER_HOST where it is a socket of this machine', () => {
    const socketOf = (argv: string[], host: string) =>
      config([...hub, ...argv], { DOCKER_HOST: host }).dockerSocketPath;
    expect(socketOf([], 'unix:///run/user/1/docker.sock')).toBe('/run/user/1/docker.sock');
    expect(socketOf([], 'tcp://elsewhere:2375')).toBe('/var/run/docker.sock');
    expect(socketOf(['--docker-socket', '/x.sock'], 'unix:///y.sock')).toBe('/x.sock');
    expect(socketOf(['--no-docker'], 'unix:///y.sock')).toBeNull();
  });
});

test('names every fault at once', () => {
  const text = faults(['--hub', 'ftp://x', '--interval', '5', '--token', 'secret', '--frob', '--label', 'x']);
  for (const name of ['--hub', '--interval', '--token', '--frob', '--label']) expect(text).toContain(name);
});

test('shows no more of a wrong token than its first letters', () => {
  const secret = 'gft_0123456789abcdef0123';
  for (const text of [faults([...hub, '--token', secret]), faults(hub, { GPUFLEET_TOKEN: secret })]) {
    expect(text).toContain('"gft_…" is neither');
    expect(text).not.toContain('0123');
  }
});

test('refuses what cannot go together', () => {
  expect(faults([...hub, '--token', token, '--token-file', '/t'])).toContain('--token-file');
  expect(faults([...hub, '--ca-file', '/c', '--ca-fingerprint', 'ab'.repeat(32)])).toContain('--ca-file');
  expect(faults(['--hub', 'http://hub', '--ca-file', '/c'])).toContain('no TLS');
});

test('engines are asked where they usually are, elsewhere, or not at all', () => {
  const pathsOf = (...argv: string[]) => {
    const result = readAgentConfig(['--hub', 'https://hub.example', ...argv], {}, () => '');
    return result.ok ? result.config : null;
  };
  expect(pathsOf()).toMatchObject({
    enginePaths: { podman: '/run/podman/podman.sock', crio: '/run/crio/crio.sock' },
    ownerLabel: 'gpufleet.owner',
    commandLines: true,
    environment: true,
  });
  expect(
    pathsOf(
      '--podman-socket',
      'none',
      '--crio-socket=/x/crio.sock',
      '--owner-label',
      'team',
      '--no-command-lines',
    ),
  ).toMatchObject({
    enginePaths: { podman: null, crio: '/x/crio.sock' },
    ownerLabel: 'team',
    commandLines: false,
    environment: true,
  });
});
