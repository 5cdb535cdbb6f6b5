import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FacetChange, FacetName } from '../model/index.ts';
import { groupChanges } from './group-changes.ts';

const at = (minute: number): string => new Date(Date.UTC(2026, 10, 30, 3, 0) + minute * 60_000).toISOString();
const change = (
  hostId: string,
  facet: FacetName,
  minute: number,
  [from, to]: readonly [string | null, string | null] = ['1', '2'],
): FacetChange => ({ at: at(minute), hostId, facet, from, to });
const hostOf = (id: string) => ({ hostname: `host-${id}`, group: 'a' });
const shown = (changes: readonly FacetChange[]) =>
  groupChanges(changes, hostOf).map(({ cause, changes: steps, hosts, at: first, until }) => [
    cause,
    steps.map(({ facet }) => facet).join(),
    hosts.map(({ id }) => id).join(),
    first.slice(11, 16),
    until.slice(11, 16),
  ]);

test('a package upgrade that moved fourteen hosts within minutes is one event', () => {
  const hosts = Array.from({ length: 14 }, (_, index) => String(index + 1));
  const changes = hosts.flatMap((id, index) => [
    change(id, 'library', 12 + index),
    change(id, 'moduleOnDisk', 12 + index),
  ]);
  expect(shown(changes)).toEqual([['packages', 'moduleOnDisk,library', hosts.join(), '03:12', '03:25']]);
});

test('what follows on the very same hosts belongs to it, and the weightiest names it', () => {
  expect(
    shown([
      change('1', 'driver', 0),
      change('2', 'driver', 2),
      change('1', 'cuda', 1),
      change('2', 'cuda', 3),
      change('3', 'cuda', 3),
      change('1', 'kernel', 30),
    ]),
  ).toEqual([
    ['kernel', 'kernel', '1', '03:30', '03:30'],
    ['driver', 'cuda', '1,2,3', '03:01', '03:03'],
    ['driver', 'driver', '1,2', '03:00', '03:02'],
  ]);
});

test('another step, a long pause, or the same host once more begin an event', () => {
  expect(shown([change('1', 'ecc', 0), change('2', 'ecc', 0, ['2', '1'])])).toHaveLength(2);
  expect(shown([change('1', 'ecc', 0), change('2', 'ecc', 11)])).toHaveLength(2);
  expect(
    shown([change('1', 'ecc', 0), change('1', 'ecc', 2, ['2', '1']), change('1', 'ecc', 4)]),
  ).toHaveLength(3);
  expect(shown([change('1', 'toolkit', 0, ['1', null])])).toEqual([
    ['packages', 'toolkit', '1', '03:00', '03:00'],
  ]);
});

test('the order in which changes of one moment come decides nothing', () => {
  const changes = [change('1', 'cuda', 15), change('1', 'driver', 15), change('1', 'cuda', 5)];
  const told = groupChanges(changes, hostOf);
  expect(groupChanges(changes.toReversed(), hostOf)).toEqual(told);
  expect(groupChanges([...changes.slice(1), ...changes.slice(0, 1)], hostOf)).toEqual(told);
});

test('every change is in exactly one event, whatever their order', () => {
  const any = fc.record({
    hostId: fc.constantFrom('1', '2', '3'),
    facet: fc.constantFrom<FacetName>('driver', 'cuda', 'ecc'),
    minute: fc.integer({ min: 0, max: 60 }),
    to: fc.constantFrom('2', '3'),
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(any, {
        maxLength: 20,
        selector: ({ hostId, facet, minute }) => `${hostId} ${facet} ${minute}`,
      }),
      (some) => {
        const changes = some.map(({ hostId, facet, minute, to }) => change(hostId, facet, minute, ['1', to]));
        const events = groupChanges(changes, hostOf);
        const told = events.flatMap((event) =>
          event.changes.flatMap(({ facet, to }) => event.hosts.map(({ id }) => `${facet} ${to} ${id}`)),
        );
        expect(told.toSorted()).toEqual(
          changes.map(({ facet, to, hostId }) => `${facet} ${to} ${hostId}`).toSorted(),
        );
        const ids = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id);
        expect(ids(groupChanges(changes.toReversed(), hostOf)).toSorted()).toEqual(ids(events).toSorted());
      },
    ),
  );
});
