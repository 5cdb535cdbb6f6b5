import type { Page } from '../model/index.ts';
import { HubError } from './errors.ts';
import type { ListQuery } from './hub.ts';

/** What items are sorted by, and what a cursor holds: the place after which the next page begins. */
export type SortKey = readonly (string | number)[];

const defaultLimit = 100;
const maxLimit = 1000;
const collator = new Intl.Collator('en', { numeric: true });

function compareParts(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [String(a), String(b)];
  const byWords = collator.compare(left, right);
  return byWords !== 0 || left === right ? byWords : left < right ? -1 : 1;
}

export function compareKeys(a: SortKey, b: SortKey): number {
  for (const [at, part] of a.entries()) {
    const order = compareParts(part, b[at] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

export const encodeCursor = (key: SortKey): string => Buffer.from(JSON.stringify(key)).toString('base64url');

/** Throws `invalid` for a cursor that this hub did not give. */
export function decodeCursor(cursor: string): SortKey {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(key) && key.every((part) => typeof part === 'string' || typeof part === 'number'))
      return key;
  } catch {
    // Falls through to the one sentence for every bad cursor.
  }
  const detail = 'Not a cursor that this hub gave.';
  throw new HubError('invalid', detail, { errors: [{ pointer: 'cursor', detail }] });
}

export interface Listing<T> {
  readonly items: Iterable<T>;
  readonly sortKey: (item: T) => SortKey;
  /** Texts that `q` is looked for in. */
  readonly words: (item: T) => readonly (string | null)[];
}

/** Every word of `q` must be found somewhere in the item. */
export function matcher<T>(q: string | undefined, words: Listing<T>['words']): (item: T) => boolean {
  const wanted = (q ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return () => true;
  return (item) => {
    const text = words(item).join('\n').toLowerCase();
    return wanted.every((word) => text.includes(word));
  };
}

/** How many items a page has. Throws `invalid`. */
export function readLimit(asked: number | undefined): number {
  const limit = asked ?? defaultLimit;
  if (Number.isInteger(limit) && limit >= 1 && limit <= maxLimit) return limit;
  const detail = `A whole number from 1 to ${maxLimit}.`;
  throw new HubError('invalid', detail, { errors: [{ pointer: 'limit', detail }] });
}

/** One page. `total` counts all that match. Throws `invalid` for a bad cursor or limit. */
export function pageOf<T>(listing: Listing<T>, query: ListQuery): Page<T> {
  const limit = readLimit(query.limit);
  const after = query.cursor === undefined ? null : decodeCursor(query.cursor);
  const keyed = [...listing.items]
    .filter(matcher(query.q, listing.words))
    .map((item) => ({ item, key: listing.sortKey(item) }))
    .sort((a, b) => compareKeys(a.key, b.key));
  const rest = after === null ? keyed : keyed.filter(({ key }) => compareKeys(key, after) > 0);
  const shown = rest.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(({ item }) => item),
    nextCursor: rest.length > limit && last !== undefined ? encodeCursor(last.key) : null,
    total: keyed.length,
  };
}
