import { expect, it } from 'vitest';
import { compatData } from '../../cuda-compat/index.ts';
import { noCompatRows, type SiteCompatRows } from '../../model/index.ts';
import { followTables } from './tables.ts';

it('takes up the rows of the fleet file, and leaves those that do not fit', () => {
  const lines: string[] = [];
  let rows: SiteCompatRows = noCompatRows;
  const tables = followTables(
    () => rows,
    (line) => lines.push(line),
  );
  expect(tables()).toBe(compatData);
  rows = { ...noCompatRows, gpus: [{ name: 'X7', computeCapability: '9.0', productClass: 'data-center' }] };
  expect(tables().products[0]).toMatchObject({ names: 'X7', source: 'site' });
  expect(tables()).toBe(tables());
  rows = { ...noCompatRows, toolkits: [{ toolkit: '13.9', linuxDriver: '630.1' }] };
  expect(tables()).toBe(compatData);
  tables();
  expect(lines).toEqual([
    'fleet file: compatibility: toolkits: there is a gap between 13.5.0 and 13.9.0; toolkits: 13.9.0: no branch of 630.1; none of its rows counts',
  ]);
});
