import { expect, it } from 'vitest';
import type { Owner, Report } from '../model/index.ts';
import { reportFixture } from '../protocol/push-fixture.ts';
import { createOwnerBook, type OwnerBook, type OwnerPlace } from './owner-book.ts';

const place = { hostname: 'alpha', group: 'g' };
const owner = (key: string, name: string): Owner => ({
  key,
  kind: 'pod',
  name,
  namespace: 'n',
  podUid: null,
  slurmJobId: null,
  unit: null,
  uid: null,
  person: { name: null, from: 'unknown', isInferred: false },
  nameProblem: null,
  gpus: [],
});
const report = (...owners: readonly Owner[]) => reportFixture({ gpus: [], containers: [], owners });

const newsOf = (book: OwnerBook, one: Report, where: OwnerPlace) => book.news('h', [one], where)[0] ?? [];

it('tells an owner until it was kept, then only when it changed', () => {
  const book = createOwnerBook();
  const first = report(owner('pod:1', 'a'), owner('pod:2', 'b'));
  const told = newsOf(book, first, place);
  expect(told).toMatchObject([
    {
      key: 'pod:1',
      runtime: 'pod',
      name: 'a',
      pod: 'a',
      namespace: 'n',
      person: null,
      personFrom: null,
      ...place,
    },
    { key: 'pod:2' },
  ]);
  expect(newsOf(book, first, place)).toEqual(told);
  book.note('h', first, told);
  expect(newsOf(book, first, place)).toEqual([]);
  const renamed = report(owner('pod:1', 'z'), owner('pod:2', 'b'));
  expect(newsOf(book, renamed, place).map(({ key }) => key)).toEqual(['pod:1']);
  expect(newsOf(book, first, { ...place, group: 'other' })).toHaveLength(2);
});

it('forgets who left, so that one who comes back is told again', () => {
  const book = createOwnerBook();
  const both = report(owner('pod:1', 'a'), owner('pod:2', 'b'));
  book.note('h', both, newsOf(book, both, place));
  book.note('h', report(owner('pod:2', 'b')), []);
  expect(newsOf(book, both, place).map(({ key }) => key)).toEqual(['pod:1']);
  book.forget('h');
  expect(newsOf(book, both, place)).toHaveLength(2);
});

it('tells of late reports who is in no newer one, and by the newest that has them', () => {
  const book = createOwnerBook();
  const reports = [
    report(owner('pod:1', 'now')),
    report(owner('pod:1', 'before'), owner('pod:2', 'ended')),
    report(owner('pod:1', 'before'), owner('pod:2', 'first')),
  ];
  const told = book.news('h', reports, place);
  expect(told.map((each) => each.map(({ name }) => name))).toEqual([['now'], ['ended'], []]);
});
