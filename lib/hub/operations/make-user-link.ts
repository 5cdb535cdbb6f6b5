import type { Actor } from '../actor.ts';
import { audit, auditTime } from '../audit.ts';
import { HubError } from '../errors.ts';
import { type PeopleAt, userById } from '../people.ts';
import { requireRole } from '../require-role.ts';
import { putLoginLink } from './sign-in.ts';

export interface UserLink {
  /** Path on the hub, with the secret in it: shown once. */
  readonly path: string;
  readonly expiresAt: string;
}

/** A one-time link for someone who forgot the password. Throws `conflict` for a disabled user. */
export async function makeUserLink(actor: Actor, at: PeopleAt, id: string): Promise<UserLink> {
  requireRole(actor, 'admin');
  const user = await userById(at.state, id);
  if (user.disabledAt !== null)
    throw new HubError('conflict', `${user.name} is disabled, so a link would not sign in. Enable first.`);
  const { secret, expiresAt } = await putLoginLink(at.state, at.nowMillis, id);
  await audit(actor, at, {
    action: 'user.login-link',
    subject: user.name,
    before: null,
    after: `works once, until ${auditTime(expiresAt)}`,
  });
  return { path: `/login/${secret}`, expiresAt };
}
