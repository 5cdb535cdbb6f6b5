'use client';
import { useRouter } from 'next/navigation';
import type { InvitationView, UserView } from '../../lib/hub/people-views.ts';
import { Age } from '../components/age.client.tsx';
import { Confirm } from '../components/confirm.client.tsx';
import { ExactTime } from '../components/exact-time.client.tsx';
import { Empty, Panel } from '../components/page-parts.tsx';
import { sendChange } from '../components/send.client.ts';
import { SimpleTable } from '../components/simple-table.tsx';
import { plural } from '../format/index.ts';
import { InvitePanel } from './invite-panel.client.tsx';
import { InvitationsExport, UsersExport } from './settings-exports.client.tsx';
import { RoleOf, UserActions } from './user-actions.client.tsx';

const userColumns = [
  { header: 'Name', card: 'title' },
  { header: 'Role', card: 'state' },
  { header: 'Signs in by' },
  { header: 'Sessions', align: 'right' },
  { header: 'Last seen', card: 'labelled' },
  { header: 'Actions', align: 'right', card: 'labelled' },
] as const;

interface PeopleTabProps {
  readonly users: readonly UserView[];
  readonly invitations: readonly InvitationView[];
  /** Of whoever looks. */
  readonly ownId: string;
  /** Roles of people from outside follow their groups there. */
  readonly groupsDecide: boolean;
  readonly serverTime: string;
}

function Name({ user, isOwn }: { user: UserView; isOwn: boolean }) {
  return (
    <span className="min-w-0 break-words">
      {user.name}
      {isOwn ? (
        <span className="ml-2 rounded-sm border border-line px-1.5 text-xs text-muted">you</span>
      ) : null}
      {user.disabledAt === null ? null : (
        <span className="ml-2 rounded-sm border border-warn px-1.5 text-xs text-warn">disabled</span>
      )}
    </span>
  );
}

/** A link of an administrator is everyone's way in besides. */
function waysOf({ hasPassword, issuers }: UserView): string {
  const outside = issuers.map((issuer) => (URL.canParse(issuer) ? new URL(issuer).host : issuer));
  return [...(hasPassword ? ['password'] : []), ...outside].join(', ') || 'one-time link';
}

/** A change here of a role that comes from elsewhere is not for long. */
function RoleNote({ user }: { user: UserView }) {
  const until = user.issuers.includes('proxy') ? 'request' : 'sign-in';
  return (
    <span className="mt-0.5 block max-w-52 whitespace-normal text-xs text-muted">
      from {waysOf({ ...user, hasPassword: false })}: follows their groups there; a change here lasts until
      their next {until}
    </span>
  );
}

/** Said before it happens: what takes the last administrator away is not in this hub's hands. */
function OnlyOutsideAdmins({ users }: { users: readonly UserView[] }) {
  const admins = users.filter(({ role, disabledAt }) => role === 'admin' && disabledAt === null);
  if (admins.length === 0 || admins.some(({ issuers }) => issuers.length === 0)) return null;
  return (
    <p className="border-b border-line px-4 py-2 text-warn" data-testid="only-outside-admins">
      Every administrator is one by groups elsewhere. When those change, nobody administers this hub until{' '}
      <code className="font-mono">npx gpufleet hub user login-link</code> is run on its machine. Invite an
      administrator of its own to be safe.
    </p>
  );
}

function Users({ users, ownId, groupsDecide, serverTime }: Omit<PeopleTabProps, 'invitations'>) {
  const rows = users.map((user) => ({
    key: user.id,
    cells: [
      <Name key="name" user={user} isOwn={user.id === ownId} />,
      <span key="role">
        <RoleOf user={user} isOwn={user.id === ownId} />
        {groupsDecide && user.issuers.length > 0 ? <RoleNote user={user} /> : null}
      </span>,
      waysOf(user),
      user.sessionCount,
      <Age key="seen" at={user.lastSeenAt} serverTime={serverTime} />,
      <UserActions key="actions" user={user} isOwn={user.id === ownId} />,
    ],
  }));
  return <SimpleTable caption="People" columns={userColumns} rows={rows} />;
}

const invitationColumns = [
  { header: 'For', card: 'title' },
  { header: 'Role', card: 'labelled' },
  { header: 'By' },
  { header: 'Expires', card: 'labelled' },
  { header: 'Action', align: 'right', card: 'state' },
] as const;

function Invitations({ invitations }: { invitations: readonly InvitationView[] }) {
  const router = useRouter();
  const rows = invitations.map((invitation) => {
    const who = invitation.name ?? 'whoever has the link';
    return {
      key: invitation.id,
      cells: [
        who,
        invitation.role,
        invitation.createdBy,
        <ExactTime key="expires" at={invitation.expiresAt} />,
        <Confirm
          key="withdraw"
          label="Withdraw"
          ariaLabel={`Withdraw the invitation for ${who}`}
          title="Withdraw this invitation?"
          action="Withdraw"
          work={() => sendChange('DELETE', `/api/v1/invitations/${invitation.id}`)}
          done={() => router.refresh()}
        >
          Its link works no more. You can make another at any time.
        </Confirm>,
      ],
    };
  });
  if (rows.length === 0) return <Empty title="No invitation is open" />;
  return <SimpleTable caption="Open invitations" columns={invitationColumns} rows={rows} />;
}

/** Who may sign in, and who is invited to. */
export function PeopleTab({ users, invitations, ...rest }: PeopleTabProps) {
  return (
    <div className="grid items-start gap-4 xl:grid-cols-[1fr_24rem]">
      <div className="grid min-w-0 gap-4">
        <Panel title={plural(users.length, 'person', 'people')} aside={<UsersExport users={users} />}>
          {rest.groupsDecide ? <OnlyOutsideAdmins users={users} /> : null}
          <Users users={users} {...rest} />
        </Panel>
        <Panel title="Open invitations" aside={<InvitationsExport invitations={invitations} />}>
          <Invitations invitations={invitations} />
        </Panel>
      </div>
      <InvitePanel />
    </div>
  );
}
