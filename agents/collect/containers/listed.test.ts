import { describe, expect, test } from 'vitest';
import { isOther, readList } from './listed.ts';

const up = (Status: string, name = '/a', State = 'running') =>
  readList([{ Id: '1', Names: [name], State, Status }]).get('1')!;

test.each([
  ['Up Less than a second', 0],
  ['Up 1 second', 1],
  ['Up 59 seconds (healthy)', 59],
  ['Up About a minute', 60],
  ['Up About an hour', 3600],
  ['Up 3 days', 259_200],
  ['Exited (0) 5 seconds ago', null],
  ['', null],
])('%j is so many seconds', (status, seconds) => expect(up(status).upSeconds).toBe(seconds));

describe('a container is asked for again', () => {
  test.each<[string, ReturnType<typeof up>, ReturnType<typeof up>, boolean]>([
    ['not while it just runs on', up('Up 5 seconds'), up('Up 15 seconds'), false],
    ['when it was stopped and started', up('Up 2 minutes'), up('Up 3 seconds'), true],
    ['when it was renamed', up('Up 5 seconds'), up('Up 6 seconds', '/b'), true],
    ['when it is paused', up('Up 5 seconds'), up('Up 6 seconds (Paused)', '/a', 'paused'), true],
    ['not where the words tell nothing', up('Up 5 seconds'), up('Läuft'), false],
  ])('%s', (_, before, now, expected) => expect(isOther(before, now)).toBe(expected));

  test('when it is new; what is no container is left out', () => {
    expect(isOther(undefined, up('Up 5 seconds'))).toBe(true);
    expect([...readList([null, 7, {}, { Id: 'x' }])]).toEqual([
      ['x', { state: '', name: null, upSeconds: null }],
    ]);
    expect(readList('nonsense').size).toBe(0);
  });
});
