import { describe, expect, test } from 'vitest';
import { hubSettingsHelp, namesOfHubSettings, readHubConfig } from './hub-config.ts';
import { hubSettingNames } from './setting-names.ts';

const noFile = (path: string): string => {
  throw new Error(`ENOENT: no such file, open '${path}'`);
};
const read = (argv: readonly string[], env: Record<string, string> = {}, file?: string) =>
  readHubConfig(
    argv,
    file === undefined ? env : { ...env, GPUFLEET_CONFIG: 'fleet.yaml' },
    () => file ?? noFile(''),
  );
const config = (...args: Parameters<typeof read>) => {
  const result = read(...args);
  if (!result.ok) throw new Error(result.faults.join('\n'));
  return result.config;
};
const faults = (...args: Parameters<typeof read>) => {
  const result = read(...args);
  return result.ok ? [] : result.faults;
};

describe('hub settings', () => {
  test('have the documented values unless told', () => {
    expect(config([])).toMatchObject({
      port: 3000,
      host: '127.0.0.1',
      dataFolder: `${process.cwd()}/data`,
      tls: { kind: 'none' },
      retention: { rawSeconds: 7200, minuteSeconds: 2_592_000, hourSeconds: 63_072_000 },
      intervalSeconds: 5,
      watchedIntervalSeconds: 1,
    });
  });

  test('a flag wins over the environment, which wins over the file', () => {
    const file = 'port: 1001\ninterval: 11s\nretentionRaw: 3h\n';
    const env = { GPUFLEET_PORT: '1002', GPUFLEET_INTERVAL: '12s' };
    const { port, intervalSeconds, retention } = config(['--port', '1003'], env, file);
    expect([port, intervalSeconds, retention.rawSeconds]).toEqual([1003, 12, 10_800]);
  });

  test('every fault of every source comes back at once, each with where it stands', () => {
    const found = faults(
      ['--prot', '80', '--host', '0.0.0.0', '--max-push-size=lots'],
      { GPUFLEET_PORT: '70000', GPUFLEET_COLOUR: 'red' },
      'retentionRaw: soon\nwrong: 1\ndata: [a, b]\n',
    );
    expect(found).toEqual([
      'fleet.yaml: wrong: there is no such setting',
      'fleet.yaml: data: must be one plain value',
      'GPUFLEET_COLOUR: there is no such setting',
      '--prot: there is no such option',
      '"80": was not expected here',
      'GPUFLEET_PORT: "70000" is not a port from 0 to 65535',
      'fleet.yaml: retentionRaw: "soon" is not a duration such as 500ms, 5s, 30m, 2h, 30d or 2y',
      '--max-push-size: "lots" is not a size such as 64MiB, 500kB or 1048576',
      '--host: "0.0.0.0" is reachable from other machines: add --tls-auto, or --tls-cert and --tls-key, or --behind-proxy',
    ]);
  });

  test('a command beside a hub needs no settings that go together, and still none that is wrong', () => {
    const env = { GPUFLEET_HOST: '0.0.0.0', GPUFLEET_TLS_KEY: 'k', GPUFLEET_DATA: '/data' };
    const file = () => '';
    const beside = readHubConfig([], env, file, 'beside');
    expect(beside).toMatchObject({ ok: true, config: { dataFolder: '/data' } });
    expect(readHubConfig([], env, file).ok).toBe(false);
    expect(readHubConfig([], { ...env, GPUFLEET_PORT: 'x' }, file, 'beside')).toMatchObject({
      faults: [expect.stringContaining('GPUFLEET_PORT')],
    });
  });

  test.each([
    [['--host', '0.0.0.0', '--tls-auto'], { kind: 'auto' }],
    [['--host', '::', '--tls-cert', 'c', '--tls-key', 'k'], { kind: 'files', certFile: 'c', keyFile: 'k' }],
    [['--host', 'example.com', '--behind-proxy'], { kind: 'none' }],
    [['--host', '127.0.0.2'], { kind: 'none' }],
    [['--host', '[::1]'], { kind: 'none' }],
  ])('%j is served', (argv, tls) => {
    expect(config(argv).tls).toEqual(tls);
  });

  test.each([
    [['--tls-cert', 'c'], 'go together'],
    [['--tls-auto', '--tls-cert', 'c', '--tls-key', 'k'], 'cannot go with'],
    [['--interval', '2s', '--watched-interval', '3s'], 'must not be longer'],
    [['--retention-raw', '2d', '--retention-minute', '1d'], 'at least the one before'],
    [['--data', '--tls-auto'], 'needs a value (DIR)'],
    [['--public-url', 'https://a:b@example.com'], 'must be a bare address'],
    [['-x'], '-x: there is no such option'],
  ])('%j is a fault', (argv, text) => {
    expect(faults(argv).join('\n')).toContain(text);
  });

  test('settings of the agent in a shared environment or file are no faults', () => {
    expect(faults([], { GPUFLEET_TOKEN_FILE: 't', GPUFLEET_LISTEN: ':9400' }, 'nvidiaSmi: /x\n')).toEqual([]);
    expect(faults(['--token-file', 't'])).not.toEqual([]);
  });

  test('an unreadable or broken file is a fault that names it', () => {
    const missing = readHubConfig([], { GPUFLEET_CONFIG: 'gone.yaml' }, noFile);
    expect(missing).toMatchObject({ ok: false, faults: [expect.stringContaining('cannot read gone.yaml')] });
    expect(faults([], {}, 'port: 1\nhost: [\n').join()).toMatch(/^fleet\.yaml:3: \w[^\n]+$/);
    expect(faults([], {}, '- a\n- b\n')).toEqual(['fleet.yaml: must be lines of "setting: value"']);
    expect(faults([], {}, '')).toEqual([]);
  });

  test('the list of names that other programs tolerate is the schema, and help names every option', () => {
    expect([...namesOfHubSettings()].sort()).toEqual([...hubSettingNames].sort());
    expect(hubSettingsHelp()).toContain('--retention-raw TIME');
  });
});
