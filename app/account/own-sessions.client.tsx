'use client';
import { useRouter } from 'next/navigation';
import type { SessionView } from '../../lib/hub/people-views.ts';
import { Confirm } from '../components/confirm.client.tsx';
import { Panel } from '../components/page-parts.tsx';
import { sendChange } from '../components/send.client.ts';
import { SessionsTable } from '../components/sessions-table.client.tsx';
import { SessionsExport } from '../settings/settings-exports.client.tsx';

interface OwnSessionsProps {
  readonly sessions: readonly SessionView[];
  readonly serverTime: string;
}

/** One's own sessions; the one that looks is marked. */
export function OwnSessions({ sessions, serverTime }: OwnSessionsProps) {
  const router = useRouter();
  const others = sessions.filter((session) => !session.isCurrent).length;
  const end =
    others === 0 ? null : (
      <Confirm
        label="End all others"
        title="End all your other sessions?"
        action="End them"
        work={() => sendChange('DELETE', '/api/v1/account/sessions')}
        done={() => router.refresh()}
      >
        {others === 1 ? 'One browser is' : `${others} browsers are`} signed out at once. This one stays.
      </Confirm>
    );
  return (
    <Panel
      title="Your sessions"
      aside={
        <span className="flex items-center gap-2">
          {end}
          <SessionsExport sessions={sessions} of="own" />
        </span>
      }
    >
      <SessionsTable sessions={sessions} serverTime={serverTime} hasUser={false} />
    </Panel>
  );
}
