import { describe, expect, test } from 'vitest';
import type { Silence } from '../model/index.ts';
import { maintenanceOf, matchesWord, quietOf, silenceState } from './quiet.ts';

const host = {
  id: '4b1c9e2a-3f60-4d7e-9a51-0c2d8e7f6a10',
  hostname: 'gpu-07.lab',
  group: 'NVIDIA H100',
  labels: [{ key: 'rack', value: 'a1' }],
};
const at = (minutes: number): string => new Date(Date.UTC(2026, 10, 24, 12, minutes)).toISOString();
const silence = (changes: Partial<Silence> = {}): Silence => ({
  id: 's',
  kind: 'silence',
  hosts: ['gpu-07.lab'],
  rule: null,
  matchers: [],
  reason: null,
  createdBy: 'user a',
  createdAt: at(0),
  startsAt: at(0),
  endsAt: at(60),
  endedAt: null,
  endedBy: null,
  ...changes,
});

describe('which hosts a word names', () => {
  test.each([
    ['gpu-07.lab', true],
    ['GPU-07.LAB', true],
    ['gpu-0?.*', true],
    ['*', true],
    ['gpu-07', false],
    ['gpu-07xlab', false],
    [host.id, true],
    [host.id.slice(0, 8), false],
    ['group=NVIDIA H100', true],
    ['group=NVIDIA*', true],
    ['group=A100', false],
    ['rack=a1', true],
    ['rack=a*', true],
    ['rack=b1', false],
    ['=a1', false],
    ['', false],
  ])('%s: %s', (word, expected) => {
    expect(matchesWord(word, host)).toBe(expected);
  });

  test('a hostile pattern costs little', () => {
    const long = { ...host, hostname: 'a'.repeat(250) };
    const started = performance.now();
    expect(matchesWord(`${'*a'.repeat(99)}b`, long)).toBe(false);
    expect(performance.now() - started).toBeLessThan(200);
  });
});

test('a silence is planned, active, over, and over early', () => {
  const planned = silence({ startsAt: at(10) });
  const states = [0, 10, 60].map((minutes) => silenceState(planned, Date.parse(at(minutes))));
  expect(states).toEqual(['planned', 'active', 'over']);
  expect(silenceState(silence({ endedAt: at(5) }), Date.parse(at(6)))).toBe('over');
});

test('the maintenance that lasts longest is shown; a silence is none', () => {
  const short = silence({ id: 'a', kind: 'maintenance', endsAt: at(30) });
  const long = silence({ id: 'b', kind: 'maintenance', endsAt: at(90) });
  expect(maintenanceOf(host, [long, short])?.id).toBe('b');
  expect(maintenanceOf(host, [silence()])).toBeNull();
});

describe('what keeps an alert quiet', () => {
  const other = { id: 'x', hostname: 'gpu-08.lab', group: 'g', labels: [] };
  const known = (id: string) => [host, other].find((one) => one.id === id) ?? null;
  const words = { severity: 'critical', cause: 'Host gone' } as const;
  const alert = { ...words, rule: 'host-gone', hosts: [host] };

  test('one for its host and its rule', () => {
    expect(quietOf(alert, [silence()], known)).toMatchObject({ silenceId: 's', until: at(60) });
    expect(quietOf(alert, [silence({ rule: 'host-gone' })], known)).not.toBeNull();
    expect(quietOf(alert, [silence({ rule: 'driver-drift' })], known)).toBeNull();
    expect(quietOf(alert, [silence({ hosts: ['gpu-08.lab'] })], known)).toBeNull();
    expect(quietOf(alert, [], known)).toBeNull();
  });

  test.each<[string[], boolean]>([
    [[], true],
    [['gpu=3'], true],
    [['gpu=5'], false],
    [['uuid=GPU-ab*'], true],
    [['gpu=3', 'xid=48'], false],
    [['gpu!=5', 'xid!=48'], true],
    [['severity=critical', 'cause=host*'], true],
    [['severity=warning'], false],
    [['channel=ops'], false],
    [['channel!=ops'], true],
    [['constructor=*x*'], false],
    [['nothing'], false],
  ])('%j: only alerts with such labels, all of them', (matchers, isQuiet) => {
    const ofGpu = { ...alert, labels: { gpu: '3', uuid: 'GPU-abc', xid: '79' } };
    expect(quietOf(ofGpu, [silence({ matchers })], known) !== null).toBe(isQuiet);
  });

  test('every host that it names must be quiet, and the first end counts', () => {
    const both = { ...words, rule: 'hub-or-network', hosts: [host, other] };
    const one = silence({ id: 'one', endsAt: at(90) });
    const two = silence({ id: 'two', kind: 'maintenance', hosts: ['gpu-08*'], endsAt: at(30) });
    expect(quietOf(both, [one], known)).toBeNull();
    expect(quietOf(both, [one, two], known)).toMatchObject({ kind: 'maintenance', until: at(30) });
  });

  test('a host that was removed is still named by its hostname', () => {
    const gone = { ...words, rule: 'host-gone', hosts: [{ id: 'gone', hostname: 'gpu-07.lab' }] };
    expect(quietOf(gone, [silence()], () => null)).not.toBeNull();
  });
});
