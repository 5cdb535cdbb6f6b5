import { expect, test } from 'vitest';
import { expandHostPattern } from './host-pattern.ts';

test.each([
  ['gpu1.example', ['gpu1.example']],
  ['gpu[08-11]', ['gpu08', 'gpu09', 'gpu10', 'gpu11']],
  ['gpu[9-11]', ['gpu9', 'gpu10', 'gpu11']],
  ['gpu[1-2,7].example', ['gpu1.example', 'gpu2.example', 'gpu7.example']],
  ['r[1-2]n[01-02]', ['r1n01', 'r1n02', 'r2n01', 'r2n02']],
  ['gpu[5-5]', ['gpu5']],
])('%s', (pattern, hosts) => {
  expect(expandHostPattern(pattern)).toEqual({ hosts });
});

test('as many as it stands for, and no more than can be', () => {
  const all = expandHostPattern('gpu[001-120].example');
  expect('hosts' in all && [all.hosts.length, all.hosts[0], all.hosts[119]]).toEqual([
    120,
    'gpu001.example',
    'gpu120.example',
  ]);
  expect(expandHostPattern('r[01-50]n[001-100]')).toMatchObject({ hosts: { length: 5000 } });
});

test.each([
  ['gpu[10-1]', '[10-1] ends before it begins'],
  ['gpu[a-c]', '[a-c] is no range of numbers, such as [001-120]'],
  ['gpu[]', '[] is no range of numbers, such as [001-120]'],
  ['gpu[1-2', 'has a bracket without its other half'],
  ['gpu1-2]', 'has a bracket without its other half'],
  ['gpu[0-5000]', 'stands for more than 5000 hosts'],
  ['r[1-51]n[1-100]', 'stands for more than 5000 hosts'],
  ['gpu[1-999999999]', 'stands for more than 5000 hosts'],
])('%s: %s', (pattern, fault) => {
  expect(expandHostPattern(pattern)).toEqual({ fault });
});
