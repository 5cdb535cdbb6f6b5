import { expect, it } from 'vitest';
import type { Owner } from '../model/index.ts';
import { reportFixture } from '../protocol/push-fixture.ts';
import { createOwnerBook } from './owner-book.ts';

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

it('tells an owner until it was kept, then only when it changed', () => {
  const book = createOwnerBook();
  const first = report(owner('pod:1', 'a'), owner('pod:2', 'b'));
  const told = book.news('h', first, place);
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
  expect(book.news('h', first, place)).toEqual(told);
  book.note('h', first, told);
  expect(book.news('h', first, place)).toEqual([]);
  const renamed = report(owner('pod:1', 'z'), owner('pod:2', 'b'));
  expect(book.news('h', renamed, place).map(({ key }) => key)).toEqual(['pod:1']);
  expect(book.news('h', first, { ...place, group: 'other' })).toHaveLength(2);
});

it('forgets who left, so that one who comes back is told again', () => {
  const book = createOwnerBook();
  const both = report(owner('pod:1', 'a'), owner('pod:2', 'b'));
  book.note('h', both, book.news('h', both, place));
  book.note('h', report(owner('pod:2', 'b')), []);
  expect(book.news('h', both, place).map(({ key }) => key)).toEqual(['pod:1']);
  book.forget('h');
  expect(book.news('h', both, place)).toHaveLength(2);
});
