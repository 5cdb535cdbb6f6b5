import type { Actor } from '../actor.ts';
import { HubError } from '../errors.ts';
import type { PeopleAt } from '../people.ts';
import type { AuditAsk, AuditPage } from '../people-views.ts';
import { requireRole } from '../require-role.ts';

const usualLimit = 100;
const mostAtOnce = 500;

const badParameter = (pointer: string, detail: string) =>
  new HubError('invalid', detail, { errors: [{ pointer, detail }] });

function readLimit(limit = usualLimit): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= mostAtOnce) return limit;
  throw badParameter('limit', `A whole number from 1 to ${mostAtOnce}.`);
}

function readCursor(cursor: string): number {
  const id = Number(cursor);
  if (/^\d{1,15}$/.test(cursor) && Number.isSafeInteger(id)) return id;
  throw badParameter('cursor', 'Not a cursor that this hub gave.');
}

/** Who changed what, the newest first. Throws `invalid` for a bad cursor or limit. */
export async function listAudit(
  actor: Actor,
  { state }: Pick<PeopleAt, 'state'>,
  { cursor, limit, ...filters }: AuditAsk,
): Promise<AuditPage> {
  requireRole(actor, 'admin');
  const wanted = readLimit(limit);
  const found = await state.listAudit({
    ...filters,
    ...(cursor === undefined ? {} : { beforeId: readCursor(cursor) }),
    limit: wanted + 1,
  });
  const items = found.slice(0, wanted);
  const last = items.at(-1);
  return { items, nextCursor: found.length > wanted && last !== undefined ? String(last.id) : null };
}
