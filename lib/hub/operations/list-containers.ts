import type { ContainerView, Page } from '../../model/index.ts';
import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { labelWords, selectHostsById } from '../host-selection.ts';
import type { ListQuery } from '../hub.ts';
import { pageOf } from '../paging.ts';
import { requireRole } from '../require-role.ts';

const words = (container: ContainerView) => [
  container.name,
  container.image,
  container.id,
  container.hostname,
  container.runtime,
  container.state,
  container.group,
  container.cudaVersion,
  container.namespace,
  container.pod,
  container.compat?.verdict ?? null,
  ...container.gpus.flatMap((use) => [use.gpuUuid, use.gpuName]),
];

const sortKey = (container: ContainerView) => [
  container.hostname,
  container.hostId,
  container.name ?? '',
  container.id,
];

export interface ContainersQuery extends ListQuery {
  /** `failed`: those that failed to start or ended badly within a minute, of the last day; unless told, those that run. */
  readonly state?: 'failed';
}

export async function listContainers(
  actor: Actor,
  context: HubContext,
  query: ContainersQuery,
): Promise<Page<ContainerView>> {
  requireRole(actor, 'viewer');
  const hosts = selectHostsById(context, query);
  const { fleet } = context;
  const all = query.state === 'failed' ? fleet.failedContainers() : fleet.containers();
  const items = [...all].filter((container) => hosts.has(container.hostId));
  const withLabels = (container: ContainerView) => [
    ...words(container),
    ...labelWords(hosts.get(container.hostId)),
  ];
  return pageOf({ items, words: withLabels, sortKey }, query);
}
