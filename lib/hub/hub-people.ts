import type { Page } from '../model/index.ts';
import type { Actor } from './actor.ts';
import type { HubContext } from './context.ts';
import { getAccount } from './operations/get-account.ts';
import { getRoleSources, type RoleSources } from './operations/get-role-sources.ts';
import { listAudit } from './operations/list-audit.ts';
import { listInvitations } from './operations/list-invitations.ts';
import { listSessions } from './operations/list-sessions.ts';
import { listTokens } from './operations/list-tokens.ts';
import { listUsers } from './operations/list-users.ts';
import { lookAtInvitation } from './operations/look-at-invitation.ts';
import type {
  AccountView,
  AuditAsk,
  AuditPage,
  InvitationState,
  InvitationView,
  SessionView,
  TokenView,
  UserView,
} from './people-views.ts';

/** What pages ask about people; what they change goes over /api/v1. */
export interface HubPeople {
  getAccount(actor: Actor): Promise<AccountView>;
  listUsers(actor: Actor): Promise<Page<UserView>>;
  listInvitations(actor: Actor): Promise<readonly InvitationView[]>;
  listSessions(actor: Actor, whose: 'own' | 'everyone'): Promise<readonly SessionView[]>;
  listTokens(actor: Actor): Promise<readonly TokenView[]>;
  listAudit(actor: Actor, ask: AuditAsk): Promise<AuditPage>;
  /** The secret in its link is what authorises this. */
  lookAtInvitation(secret: string): Promise<InvitationState>;
  /** How people from outside get their roles, and whether anyone administers this hub now. */
  getRoleSources(actor: Actor): Promise<RoleSources>;
  /** Whether anyone has a password, so that the login page does not ask for one that nobody has. */
  hasPasswords(): Promise<boolean>;
}

const mostOnAPage = 1000;

export function peopleOf(context: HubContext): HubPeople {
  const at = () => ({ state: context.state, nowMillis: context.now() });
  return {
    getAccount: (actor) => getAccount(actor, context),
    listUsers: (actor) => listUsers(actor, at(), { limit: mostOnAPage }),
    listInvitations: (actor) => listInvitations(actor, at()),
    listSessions: (actor, whose) => listSessions(actor, at(), whose),
    listTokens: (actor) => listTokens(actor, context.state),
    listAudit: (actor, ask) => listAudit(actor, at(), ask),
    lookAtInvitation: (secret) => lookAtInvitation(context, secret),
    getRoleSources: (actor) => getRoleSources(actor, context),
    hasPasswords: async () => (await context.state.listUsers()).some((user) => user.passwordHash !== null),
  };
}
