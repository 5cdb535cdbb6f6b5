import { expect, test } from 'vitest';
import type { SshHostView } from '../../../lib/model/index.ts';
import { findHost, fleetFileNote, hostLine } from './ssh.ts';

const host = (id: string, address: string, more: Partial<SshHostView> = {}): SshHostView =>
  ({ id, address, port: 22, user: 'gpufleet', hostname: null, ...more }) as SshHostView;

const items = [
  host('id-1', 'gpu1.example', { hostname: 'gpu-1' }),
  host('id-2', 'gpu2.example'),
  host('id-3', 'gpu2.example', { port: 2222 }),
  host('id-4', 'fe80::1', { port: 2222, user: 'ada' }),
];

test.each([
  ['id-1', 'id-1'],
  ['GPU1.example', 'id-1'],
  ['gpu-1', 'id-1'],
  ['gpufleet@gpu1.example', 'id-1'],
  ['gpu2.example:2222', 'id-3'],
  ['gpufleet@gpu2.example:22', 'id-2'],
  ['ada@[fe80::1]:2222', 'id-4'],
  ['fe80::1', 'id-4'],
])('%s is found', (word, id) => {
  expect(findHost(items, word).id).toBe(id);
});

test('none, and more than one, is said', () => {
  expect(() => findHost(items, 'gpu3.example')).toThrow(/no SSH host gpu3.example/);
  expect(() => findHost(items, 'gpu2.example')).toThrow(
    /gpu2.example:22 and gpufleet@gpu2.example:2222: say which/,
  );
});

test('a host that is not read says why at the end of its line', () => {
  const seen = { keyName: 'k', lastReadAt: null, offeredKey: null, state: 'failing' } as const;
  const condition = { code: 'unreachable', text: 'gpu1.example:22: no connection\nwithin 15 s', since: '' };
  expect(hostLine(host('id-1', 'gpu1.example', { ...seen, condition }))).toBe(
    'id-1\tgpufleet@gpu1.example:22\t-\tfailing\tunreachable\tnever read\tgpu1.example:22: no connection within 15 s',
  );
  expect(hostLine(host('id-1', 'gpu1.example', { ...seen, state: 'reading', condition: null }))).toBe(
    'id-1\tgpufleet@gpu1.example:22\t-\treading\t-\tnever read',
  );
});

test('of a host that is removed it is said that the fleet file names it too', () => {
  const twin = { code: 'read-twice', text: 'twice' };
  expect(fleetFileNote(host('id-1', 'a', { notes: [twin] }))).toBeNull();
  const named = { code: 'in-fleet-file', text: 'The fleet file names it too' };
  expect(fleetFileNote(host('id-1', 'a', { notes: [twin, named] }))).toBe(named.text);
});
