import type { GpuDetail } from '../../model/index.ts';
import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { requireRole } from '../require-role.ts';

export async function getGpu(actor: Actor, context: HubContext, uuid: string): Promise<GpuDetail> {
  requireRole(actor, 'viewer');
  const gpu = context.fleet.gpu(uuid, context.now());
  if (gpu === null) throw new HubError('not-found', `There is no GPU ${uuid}.`);
  return gpu;
}
