import { describe, expect, test } from 'vitest';
import { type HostTags, sameTags } from './host-tags.ts';

const host: HostTags = {
  id: 'a',
  group: 'h100',
  labels: [{ key: 'rack', value: '1', source: 'fleet-file' }],
  gpus: [{}],
};
const other: HostTags = { ...host, id: 'b' };

describe('whether tags of hosts are the same', () => {
  test('a report brings the same ones as new objects', () => {
    expect(sameTags([host, other], [structuredClone(host), other])).toBe(true);
  });
  test.each<readonly [what: string, now: readonly HostTags[]]>([
    ['a host less', [host]],
    ['a host more', [host, other, { ...host, id: 'c' }]],
    ['another order', [other, host]],
    ['another group', [{ ...host, group: 'a100' }, other]],
    ['another GPU', [{ ...host, gpus: [{}, {}] }, other]],
    ['another value', [{ ...host, labels: [{ key: 'rack', value: '2', source: 'fleet-file' }] }, other]],
    ['another source', [{ ...host, labels: [{ key: 'rack', value: '1', source: 'hub' }] }, other]],
    ['no label', [{ ...host, labels: [] }, other]],
  ])('%s', (_what, now) => {
    expect(sameTags([host, other], now)).toBe(false);
  });
});
