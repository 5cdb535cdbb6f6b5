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

function Users({ users, ownId, serverTime }: Omit<PeopleTabProps, 'invitations'>) {
  const rows = users.map((user) => ({
    key: user.id,
    cells: [
      <Name key="name" user={user} isOwn={user.id === ownId} />,
      <RoleOf key="role" user={user} isOwn={user.id === ownId} />,
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
export function PeopleTab({ users, invitations, ownId, serverTime }: PeopleTabProps) {
  return (
    <div className="grid items-start gap-4 xl:grid-cols-[1fr_24rem]">
      <div className="grid min-w-0 gap-4">
        <Panel title={plural(users.length, 'person', 'people')} aside={<UsersExport users={users} />}>
          <Users users={users} ownId={ownId} serverTime={serverTime} />
        </Panel>
        <Panel title="Open invitations" aside={<InvitationsExport invitations={invitations} />}>
          <Invitations invitations={invitations} />
        </Panel>
      </div>
      <InvitePanel />
    </div>
  );
}
