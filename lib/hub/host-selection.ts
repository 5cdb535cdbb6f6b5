import { filtersNothing, type HostSummary, matchesHostFilter, readHostFilter } from '../model/index.ts';
import type { HubContext } from './context.ts';
import type { ListQuery } from './hub.ts';

type Selection = Pick<ListQuery, 'group' | 'label'>;

/** Hosts of the groups and labels that a query asks for; all without either. */
export function selectHosts(context: HubContext, query: Selection): readonly HostSummary[] {
  const all = context.fleet.summaries();
  const filter = readHostFilter(query.group ?? [], query.label ?? []);
  return filtersNothing(filter) ? all : all.filter((host) => matchesHostFilter(host, filter));
}

/** The same hosts by their id. */
export const selectHostsById = (context: HubContext, query: Selection): ReadonlyMap<string, HostSummary> =>
  new Map(selectHosts(context, query).map((host) => [host.id, host]));

export const labelWords = (host: HostSummary | undefined): readonly string[] =>
  host === undefined ? [] : [host.group, ...host.labels.map((label) => `${label.key}=${label.value}`)];
