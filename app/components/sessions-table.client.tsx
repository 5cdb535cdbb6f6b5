'use client';
import { useRouter } from 'next/navigation';
import type { SessionView } from '../../lib/hub/people-views.ts';
import { browserName } from '../format/index.ts';
import { Age } from './age.client.tsx';
import { Confirm } from './confirm.client.tsx';
import { goToLogin, sendChange } from './send.client.ts';
import { SimpleTable } from './simple-table.tsx';

interface SessionsTableProps {
  readonly sessions: readonly SessionView[];
  readonly serverTime: string;
  /** Whether whose they are is a column. */
  readonly hasUser: boolean;
}

const howWords: Readonly<Record<SessionView['how'], string>> = {
  link: 'one-time link',
  password: 'password',
  invitation: 'invitation',
  oidc: 'single sign-on',
  proxy: 'proxy',
};

function EndSession({ session }: { session: SessionView }) {
  const router = useRouter();
  const browser = browserName(session.userAgent);
  return (
    <Confirm
      label="End"
      ariaLabel={`End the session of ${session.userName} in ${browser} from ${session.peer}`}
      title={session.isCurrent ? 'End this session?' : `End the session of ${session.userName}?`}
      action="End it"
      work={() => sendChange('DELETE', `/api/v1/sessions/${session.id}`)}
      done={() => (session.isCurrent ? goToLogin() : router.refresh())}
    >
      {session.isCurrent
        ? 'It is the one that you look at this page with: you will be asked to sign in again.'
        : `${browser}, from ${session.peer}, is signed out at once, open pages too.`}
    </Confirm>
  );
}

/** Sessions, one of which may be this one. */
export function SessionsTable({ sessions, serverTime, hasUser }: SessionsTableProps) {
  const columns = [
    ...(hasUser ? [{ header: 'User', card: 'title' } as const] : []),
    { header: 'Browser', card: hasUser ? 'labelled' : 'title' } as const,
    { header: 'From', card: 'labelled' } as const,
    { header: 'Signed in by' },
    { header: 'Began' },
    { header: 'Last used', card: 'labelled' } as const,
    { header: 'Action', align: 'right', card: 'state' } as const,
  ];
  const rows = sessions.map((session) => ({
    key: session.id,
    cells: [
      ...(hasUser ? [session.userName] : []),
      <span key="browser" title={session.userAgent}>
        {browserName(session.userAgent)}
        {session.isCurrent ? (
          <span className="ml-2 rounded-sm border border-line px-1.5 text-xs text-muted">this one</span>
        ) : null}
      </span>,
      <span key="peer" className="font-mono text-[13px]">
        {session.peer}
      </span>,
      howWords[session.how],
      <Age key="began" at={session.createdAt} serverTime={serverTime} />,
      <Age key="used" at={session.lastSeenAt} serverTime={serverTime} />,
      <EndSession key="end" session={session} />,
    ],
  }));
  return <SimpleTable caption="Sessions" columns={columns} rows={rows} />;
}
