import type { GpuDetail, Page } from '../../model/index.ts';
import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import type { ListQuery } from '../hub.ts';
import { pageOf } from '../paging.ts';
import { requireRole } from '../require-role.ts';

export async function listGpus(
  actor: Actor,
  context: HubContext,
  query: ListQuery,
): Promise<Page<GpuDetail>> {
  requireRole(actor, 'viewer');
  const hosts = new Map(context.fleet.summaries().map((host) => [host.id, host]));
  const all = [...context.fleet.gpus(context.now())];
  const items =
    query.group === undefined ? all : all.filter((gpu) => hosts.get(gpu.hostId)?.group === query.group);
  const words = (gpu: GpuDetail) => {
    const host = hosts.get(gpu.hostId);
    const labels = host?.labels.map((label) => `${label.key}=${label.value}`) ?? [];
    return [gpu.name, gpu.uuid, gpu.serial, gpu.hostname, gpu.state, host?.state ?? null, ...labels];
  };
  const sortKey = (gpu: GpuDetail) => [gpu.hostname, gpu.hostId, gpu.index ?? 1e6, gpu.uuid ?? ''];
  return pageOf({ items, words, sortKey }, query);
}
