import type { StateStore } from '../../state/state-store.ts';
import type { Actor } from '../actor.ts';
import { auditTime } from '../audit.ts';
import { actorName, requireRole } from '../require-role.ts';
import { hashSecret, newSecret } from '../secrets.ts';
import { enrollmentTokenName } from './list-tokens.ts';

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
  const tokenHash = hashSecret(secret);
  const createdAt = new Date(nowMillis).toISOString();
  const expiresAtMillis = nowMillis + wanted.lifeSeconds * 1000;
  const expiresAt = new Date(expiresAtMillis).toISOString();
  const createdBy = actorName(actor);
  await state.putEnrollmentToken({ tokenHash, createdAt, expiresAt, createdBy, labels: wanted.labels });
  await state.appendAudit({
    at: createdAt,
    actor: createdBy,
    action: 'token.create',
    subject: enrollmentTokenName(tokenHash),
    before: null,
    after: `enroll until ${auditTime(expiresAt)}`,
  });
  return { secret, expiresAtMillis };
}
