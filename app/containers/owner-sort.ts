import type { OwnerRow } from '../../lib/model/index.ts';
import type { SortValue } from '../components/data-table.client.tsx';
import { ownerName } from './owner-words.ts';

/** What each column of the Containers page sorts by; the server sorts its first rows by the same. */
export const ownerSorts = {
  name: ownerName,
  runtime: ({ runtime }) => runtime,
  person: ({ person }) => person?.name ?? null,
  image: ({ image }) => image,
  cuda: ({ cudaVersion }) => cudaVersion,
  host: ({ hostname }) => hostname,
  gpus: ({ gpus }) => gpus.length,
  memory: ({ usedMemoryBytes }) => usedMemoryBytes,
  sm: ({ smRatio }) => smRatio,
  state: ({ state }) => state,
} as const satisfies Readonly<Record<string, (row: OwnerRow) => SortValue>>;

export type OwnerColumn = keyof typeof ownerSorts;

const collator = new Intl.Collator('en', { numeric: true });

/** Rows as `?sort=` asks for, `-memory` from the top down; what is not told stands last in either direction. */
export function sortedOwners(rows: readonly OwnerRow[], sort: string): readonly OwnerRow[] {
  const name = sort.replace(/^-/, '');
  if (!Object.hasOwn(ownerSorts, name)) return rows;
  const read: (row: OwnerRow) => SortValue = ownerSorts[name as OwnerColumn];
  const direction = sort.startsWith('-') ? -1 : 1;
  const keyed = rows.map((row) => ({ row, value: read(row) }));
  keyed.sort(({ value: a }, { value: b }) => {
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    const order =
      typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b));
    return order * direction;
  });
  return keyed.map(({ row }) => row);
}
