import type { HubContext } from '../context.ts';
import type { InvitationState } from '../people-views.ts';
import { hashSecret, secretKind } from '../secrets.ts';

/** What an invitation is worth now. Its secret is what authorises this; looking uses nothing up. */
export async function lookAtInvitation(
  { state, now }: Pick<HubContext, 'state' | 'now'>,
  secret: string,
): Promise<InvitationState> {
  const found = secretKind(secret) === 'invitation' ? await state.getInvitation(hashSecret(secret)) : null;
  if (found === null) return { state: 'unknown' };
  const { name, role, createdBy, expiresAt, acceptedAt } = found;
  if (acceptedAt !== null) return { state: 'used', acceptedAt };
  if (Date.parse(expiresAt) <= now()) return { state: 'expired', expiresAt };
  return { state: 'open', name, role, createdBy, expiresAt };
}
