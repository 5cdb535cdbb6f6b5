import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  isLoopback,
  parseAddress,
  parseBytes,
  parseDuration,
  parseHost,
  parseHttpUrl,
  parseLabel,
  parseSwitch,
  SettingError,
} from './parsers.ts';

describe('durations', () => {
  test.each([
    ['500ms', 0.5],
    ['5s', 5],
    ['1h30m', 5400],
    ['2y', 63_072_000],
    ['0.5h', 1800],
  ])('%s', (text, seconds) => {
    expect(parseDuration(text)).toBeCloseTo(seconds, 9);
  });
  test.each(['', '5', 's', '-5s', '5 s', '5x', '1e3s', 'Infinitys'])('"%s" is none', (text) => {
    expect(() => parseDuration(text)).toThrow(SettingError);
  });
});

describe('sizes', () => {
  test.each([
    ['1048576', 1_048_576],
    ['64MiB', 67_108_864],
    ['1.5 GB', 1_500_000_000],
    ['1kB', 1000],
  ])('%s', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
  });
  test.each(['', '0', '-1', 'MiB', '5 parsecs', '99999999999GiB', '1i'])('"%s" is none', (text) => {
    expect(() => parseBytes(text)).toThrow(SettingError);
  });
});

describe('addresses', () => {
  test.each([
    ['127.0.0.1:9400', '127.0.0.1', 9400],
    ['[::1]:9400', '::1', 9400],
    [':9400', '::', 9400],
    ['gpu-01.example:1', 'gpu-01.example', 1],
  ])('%s', (text, host, port) => {
    expect(parseAddress(text)).toEqual({ host, port });
  });
  test.each(['9400', '::1:9400', 'a b:1', 'host:', 'host:70000', '/tmp/x:1'])('"%s" is none', (text) => {
    expect(() => parseAddress(text)).toThrow(SettingError);
  });
  test('loopback is what only this machine reaches', () => {
    expect(['localhost', '127.0.0.1', '127.9.9.9', '::1'].every(isLoopback)).toBe(true);
    expect(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example.com', '1270.0.0.1'].some(isLoopback)).toBe(false);
  });
  test('hosts and URLs', () => {
    expect(parseHost('[fe80::1]')).toBe('fe80::1');
    expect(() => parseHost('host:80')).toThrow(SettingError);
    expect(parseHttpUrl('https://hub.example:8443/gpus/')).toBe('https://hub.example:8443/gpus');
    expect(() => parseHttpUrl('ftp://hub')).toThrow(SettingError);
  });
});

describe('labels and switches', () => {
  test('a label keeps everything after its first equals sign', () => {
    expect(parseLabel('rack=a=1')).toEqual(['rack', 'a=1']);
    expect(() => parseLabel('=x')).toThrow(SettingError);
    expect(() => parseLabel('rack')).toThrow(SettingError);
    expect(() => parseLabel(`rack=${'x'.repeat(256)}`)).toThrow(SettingError);
  });
  test('switches', () => {
    expect([parseSwitch('true'), parseSwitch('NO')]).toEqual([true, false]);
    expect(() => parseSwitch('maybe')).toThrow(SettingError);
  });
});

test('any text is a value or a SettingError, never another exception', () => {
  const parsers = [parseDuration, parseBytes, parseAddress, parseHost, parseHttpUrl, parseLabel, parseSwitch];
  fc.assert(
    fc.property(fc.string(), fc.constantFrom(...parsers), (text, parse) => {
      try {
        parse(text);
      } catch (error) {
        expect(error).toBeInstanceOf(SettingError);
      }
    }),
  );
});
