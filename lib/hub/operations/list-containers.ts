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
  ...container.gpus.flatMap((use) => [use.gpuUuid, use.gpuName]),
];

const sortKey = (container: ContainerView) => [
  container.hostname,
  container.hostId,
  container.name ?? '',
  container.id,
];

export async function listContainers(
  actor: Actor,
  context: HubContext,
  query: ListQuery,
): Promise<Page<ContainerView>> {
  requireRole(actor, 'viewer');
  const hosts = selectHostsById(context, query);
  const items = [...context.fleet.containers()].filter((container) => hosts.has(container.hostId));
  const withLabels = (container: ContainerView) => [
    ...words(container),
    ...labelWords(hosts.get(container.hostId)),
  ];
  return pageOf({ items, words: withLabels, sortKey }, query);
}
