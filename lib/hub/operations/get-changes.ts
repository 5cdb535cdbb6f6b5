import { groupChanges } from '../../drift/index.ts';
import type { ChangesView, FacetName } from '../../model/index.ts';
import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { labelWords, selectHostsById } from '../host-selection.ts';
import { requireRole } from '../require-role.ts';

export interface ChangesQuery {
  /** Unix seconds; left out: seven days before `to`, and now. */
  readonly from?: number;
  readonly to?: number;
  readonly facet?: readonly FacetName[];
  /** Id of one host. */
  readonly host?: string;
  /** As in ListQuery. */
  readonly q?: string;
  readonly group?: readonly string[];
  readonly label?: readonly string[];
}

const usualSeconds = 7 * 86_400;
/** Single changes read for one answer. */
const mostChanges = 5000;

/** Which hosts are asked for; null: all. */
function wantedHosts(
  context: HubContext,
  { q, group, label, host }: ChangesQuery,
): ReadonlySet<string> | null {
  const words = (q ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0 && group === undefined && label === undefined && host === undefined) return null;
  const selected = selectHostsById(context, {
    ...(group === undefined ? {} : { group }),
    ...(label === undefined ? {} : { label }),
  });
  const ids = [...selected.values()]
    .filter((each) => host === undefined || each.id === host)
    .filter((each) => {
      const text = [each.hostname, each.id, ...labelWords(each)].join('\n').toLowerCase();
      return words.every((word) => text.includes(word));
    })
    .map(({ id }) => id);
  return new Set(ids);
}

const isoOf = (seconds: number, name: string): string => {
  const time = new Date(seconds * 1000);
  if (!Number.isNaN(time.getTime())) return time.toISOString();
  const detail = 'Not a time.';
  throw new HubError('invalid', detail, { errors: [{ pointer: name, detail }] });
};

/** What changed on which hosts and when, joined to events. Throws `invalid`. */
export async function getChanges(
  actor: Actor,
  context: HubContext,
  query: ChangesQuery = {},
): Promise<ChangesView> {
  requireRole(actor, 'viewer');
  const nowSeconds = context.now() / 1000;
  // The next second, so that what is seen now is in it.
  const to = query.to ?? Math.ceil(nowSeconds) + 1;
  const from = query.from ?? to - usualSeconds;
  if (from >= to) {
    const detail = '`from` must be before `to`.';
    throw new HubError('invalid', detail, { errors: [{ pointer: 'from', detail }] });
  }
  const ask = { from: isoOf(from, 'from'), to: isoOf(to, 'to') };
  const read = await context.drift.changes({
    ...ask,
    ...(query.facet === undefined || query.facet.length === 0 ? {} : { facets: query.facet }),
    ...(query.host === undefined ? {} : { hostId: query.host }),
    limit: mostChanges + 1,
  });
  const isCut = read.length > mostChanges;
  const wanted = wantedHosts(context, query);
  const changes = read.slice(0, mostChanges).filter(({ hostId }) => wanted === null || wanted.has(hostId));
  return {
    serverTime: new Date(context.now()).toISOString(),
    ...ask,
    events: groupChanges(changes, (id) => context.fleet.summary(id)),
    changes: changes.length,
    isCut,
  };
}
