import type { Metadata } from 'next';
import { Empty, PageTitle, Panel } from '../components/page-parts.tsx';
import { roleWords } from '../components/role-words.ts';
import { hub, requireActor } from '../hub.ts';
import { OwnSessions } from './own-sessions.client.tsx';
import { PasswordPanel } from './password-panel.client.tsx';

export const metadata: Metadata = { title: 'Account' };

/** Who one is here, one's password and one's sessions. */
export default async function AccountPage() {
  const actor = await requireActor();
  const [account, sessions] = await Promise.all([hub().getAccount(actor), hub().listSessions(actor, 'own')]);
  return (
    <>
      <PageTitle aside={`${account.role}: ${roleWords[account.role]}`}>{account.name}</PageTitle>
      <div className="grid items-start gap-4 lg:grid-cols-[22rem_1fr]">
        {account.password === null ? null : (
          <Panel title="Password">
            <PasswordPanel name={account.name} password={account.password} isFresh={account.isFresh} />
          </Panel>
        )}
        {sessions.length === 0 ? (
          <Panel title="Sessions">
            <Empty title="There are none">
              {account.kind === 'token'
                ? 'A token signs in anew with each request.'
                : 'A proxy in front of this hub says who you are; sign out there.'}
            </Empty>
          </Panel>
        ) : (
          <OwnSessions sessions={sessions} serverTime={new Date().toISOString()} />
        )}
      </div>
    </>
  );
}
