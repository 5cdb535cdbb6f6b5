import { notTold, type OwnerRow, type Page } from '../../model/index.ts';
import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { labelWords, selectHostsById } from '../host-selection.ts';
import type { ListQuery } from '../hub.ts';
import { compareKeys, decodeCursor, encodeCursor, matcher, readLimit, type SortKey } from '../paging.ts';
import { requireRole } from '../require-role.ts';

/** Beside words: only owners whose facts are exactly these; `none` is nothing told. */
export interface OwnersQuery extends ListQuery {
  readonly host?: string;
  readonly runtime?: string;
  readonly image?: string;
  readonly person?: string;
  readonly namespace?: string;
}

const words = (row: OwnerRow) => [
  row.name,
  row.key,
  row.image,
  row.hostname,
  row.runtime,
  row.state,
  row.group,
  row.cudaVersion,
  row.namespace,
  row.pod,
  row.person?.name ?? null,
  ...row.gpus.map(({ uuid }) => uuid),
];

/** In the order in which the fleet gives them, so that a page needs no sort. */
const sortKey = (row: OwnerRow): SortKey => [row.hostname, row.hostId, row.name ?? row.key, row.key];

function hasFacts(query: OwnersQuery): (row: OwnerRow) => boolean {
  const { host, runtime, image, person, namespace } = query;
  const is = (asked: string | undefined, told: string | null): boolean =>
    asked === undefined || (told ?? notTold) === asked;
  return (row) =>
    (host === undefined || row.hostname === host || row.hostId === host) &&
    is(runtime, row.runtime) &&
    is(image, row.image) &&
    is(person, row.person?.name ?? null) &&
    is(namespace, row.namespace);
}

/** Everyone who uses a GPU or was granted one, of every kind: containers, pods, jobs, units, users. */
export async function listOwners(
  actor: Actor,
  context: HubContext,
  query: OwnersQuery,
): Promise<Page<OwnerRow>> {
  requireRole(actor, 'viewer');
  const limit = readLimit(query.limit);
  const after = query.cursor === undefined ? null : decodeCursor(query.cursor);
  const hosts = selectHostsById(context, query);
  const hasWords = matcher(query.q, (row: OwnerRow) => [...words(row), ...labelWords(hosts.get(row.hostId))]);
  const isAsked = hasFacts(query);
  const rows: OwnerRow[] = [];
  for (const row of context.fleet.owners())
    if (hosts.has(row.hostId) && isAsked(row) && hasWords(row)) rows.push(row);
  const from = after === null ? 0 : placeAfter(rows, after);
  const items = rows.slice(from, from + limit);
  const last = items.at(-1);
  const hasMore = from + limit < rows.length && last !== undefined;
  return { items, nextCursor: hasMore ? encodeCursor(sortKey(last)) : null, total: rows.length };
}

/** Index of the first row after the cursor, by halves. */
function placeAfter(rows: readonly OwnerRow[], after: SortKey): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    if (row !== undefined && compareKeys(sortKey(row), after) > 0) high = middle;
    else low = middle + 1;
  }
  return low;
}
