import type { FieldOrigin } from '../../model/index.ts';
import { fieldOrigins } from '../../nvidia-smi/index.ts';
import type { Actor } from '../actor.ts';
import { requireRole } from '../require-role.ts';

/** Where nvidia-smi tells each field of a GPU. */
export async function getFieldOrigins(actor: Actor): Promise<readonly FieldOrigin[]> {
  requireRole(actor, 'viewer');
  return fieldOrigins;
}
