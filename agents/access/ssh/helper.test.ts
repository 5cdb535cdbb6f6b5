import { expect, test } from 'vitest';
import { helperCommand, helperInput } from './helper.ts';
import { parseAddress } from './resolve.ts';

test('every login shell hands the helper on as it is: one line, no quote or backslash, and nothing that csh takes for history', () => {
  const script = helperCommand.match(/^exec \/bin\/sh -c '(.*)' gpufleet$/s)?.[1] ?? '';
  expect(script.length).toBeGreaterThan(100);
  expect(script).not.toMatch(/['\\\n]|!(?! )/);
});

test('a word that would be two is refused', () => {
  expect(helperInput('n', 30, ['echo', 'a b'])).toBe('n\n30\n2\necho\na b\n');
  expect(helperInput('n', 30, ['echo', 'a\nb'])).toBeNull();
  expect(helperInput('n', 30, ['echo', 'a\u0000b'])).toBeNull();
});

test.each([
  ['gpu1', { host: 'gpu1', user: null, port: null }],
  ['ada@gpu1', { host: 'gpu1', user: 'ada', port: null }],
  ['ada@corp.example@gpu1:2222', { host: 'gpu1', user: 'ada@corp.example', port: 2222 }],
  ['ada@[fe80::1]:22', { host: 'fe80::1', user: 'ada', port: 22 }],
  ['fe80::1', { host: 'fe80::1', user: null, port: null }],
  ['', null],
  ['@gpu1', null],
  ['gpu1:0', null],
  ['gpu1:99999', null],
  ['gpu1:ssh', null],
  ['-oProxyCommand=x', null],
  ['a da@gpu1', null],
])('address %j', (text, address) => {
  expect(parseAddress(text)).toEqual(address);
});
