import type { GpuDetail, Page } from '../../model/index.ts';
import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { labelWords, selectHostsById } from '../host-selection.ts';
import type { ListQuery } from '../hub.ts';
import { pageOf } from '../paging.ts';
import { requireRole } from '../require-role.ts';

export async function listGpus(
  actor: Actor,
  context: HubContext,
  query: ListQuery,
): Promise<Page<GpuDetail>> {
  requireRole(actor, 'viewer');
  const hosts = selectHostsById(context, query);
  const items = [...context.fleet.gpus(context.now())].filter((gpu) => hosts.has(gpu.hostId));
  const words = (gpu: GpuDetail) => {
    const host = hosts.get(gpu.hostId);
    const { name, uuid, serial, hostname, state } = gpu;
    return [name, uuid, serial, hostname, state, host?.state ?? null, ...labelWords(host)];
  };
  const sortKey = (gpu: GpuDetail) => [gpu.hostname, gpu.hostId, gpu.index ?? 1e6, gpu.uuid ?? ''];
  return pageOf({ items, words, sortKey }, query);
}
