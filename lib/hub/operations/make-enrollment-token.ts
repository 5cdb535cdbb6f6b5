import type { StateStore } from '../../state/state-store.ts';
import type { Actor } from '../actor.ts';
import { actorName, requireRole } from '../require-role.ts';
import { hashSecret, newSecret } from '../secrets.ts';

export interface NewEnrollmentToken {
  readonly lifeSeconds: number;
  /** Given to every host that enrols with it. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Makes a reusable token by which hosts enrol until it expires. Works beside a running hub. */
export async function makeEnrollmentToken(
  actor: Actor,
  store: { readonly state: StateStore; readonly nowMillis: number },
  wanted: NewEnrollmentToken,
): Promise<{ readonly secret: string; readonly expiresAtMillis: number }> {
  requireRole(actor, 'admin');
  const { state, nowMillis } = store;
  const secret = newSecret('enrollment');
  const expiresAtMillis = nowMillis + wanted.lifeSeconds * 1000;
  await state.putEnrollmentToken({
    tokenHash: hashSecret(secret),
    createdAt: new Date(nowMillis).toISOString(),
    expiresAt: new Date(expiresAtMillis).toISOString(),
    createdBy: actorName(actor),
    labels: wanted.labels,
  });
  return { secret, expiresAtMillis };
}
