import type { Page } from '../../model/index.ts';
import type { Actor } from '../actor.ts';
import type { ListQuery } from '../hub.ts';
import { pageOf } from '../paging.ts';
import type { PeopleAt } from '../people.ts';
import type { UserView } from '../people-views.ts';
import { requireRole } from '../require-role.ts';

/** Everyone who may or might sign in, by name. Works beside a running hub. */
export async function listUsers(
  actor: Actor,
  { state, nowMillis }: PeopleAt,
  query: ListQuery = {},
): Promise<Page<UserView>> {
  requireRole(actor, 'admin');
  const [users, sessions, identities] = await Promise.all([
    state.listUsers(),
    state.listSessions(null, new Date(nowMillis).toISOString()),
    state.listIdentities(),
  ]);
  const identitiesOf = Map.groupBy(identities, (identity) => identity.userId);
  const sessionsOf = Map.groupBy(sessions, (session) => session.userId);
  const items = users.map(
    ({ passwordHash, ...user }): UserView => ({
      ...user,
      hasPassword: passwordHash !== null,
      issuers: (identitiesOf.get(user.id) ?? []).map(({ issuer }) => issuer),
      sessionCount: sessionsOf.get(user.id)?.length ?? 0,
    }),
  );
  const words = (user: UserView) => [user.name, user.role, user.disabledAt === null ? null : 'disabled'];
  return pageOf({ items, words, sortKey: (user) => [user.name, user.id] }, query);
}
