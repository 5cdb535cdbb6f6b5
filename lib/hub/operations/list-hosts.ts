import type { HostSummary, Page } from '../../model/index.ts';
import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { labelWords, selectHosts } from '../host-selection.ts';
import type { ListQuery } from '../hub.ts';
import { pageOf } from '../paging.ts';
import { requireRole } from '../require-role.ts';

const words = (host: HostSummary) => [
  host.hostname,
  host.id,
  host.state,
  host.driverVersion,
  ...labelWords(host),
  ...host.gpus.flatMap((gpu) => [gpu.name, gpu.uuid]),
];

export async function listHosts(
  actor: Actor,
  context: HubContext,
  query: ListQuery,
): Promise<Page<HostSummary>> {
  requireRole(actor, 'viewer');
  const items = selectHosts(context, query);
  return pageOf({ items, words, sortKey: (host) => [host.hostname, host.id] }, query);
}
