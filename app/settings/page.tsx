import clsx from 'clsx';
import type { Metadata } from 'next';
import Link from 'next/link';
import type { ReactNode } from 'react';
import type { Actor } from '../../lib/hub/actor.ts';
import { Empty, PageTitle, Panel } from '../components/page-parts.tsx';
import { SessionsTable } from '../components/sessions-table.client.tsx';
import { hub, requireActor } from '../hub.ts';
import { AgentsTab } from './agents-tab.client.tsx';
import { type AuditFilter, auditFilter } from './audit-filter.ts';
import { AuditTab } from './audit-tab.tsx';
import { PeopleTab } from './people-tab.client.tsx';
import { SessionsExport } from './settings-exports.client.tsx';
import { TokensTab } from './tokens-tab.client.tsx';

export const metadata: Metadata = { title: 'Settings' };

const tabs = [
  ['people', 'People'],
  ['tokens', 'Tokens'],
  ['sessions', 'Sessions'],
  ['agents', 'Agents'],
  ['audit', 'Audit log'],
] as const;
type Tab = (typeof tabs)[number][0];

interface SettingsPageProps {
  readonly searchParams: Promise<Readonly<Record<string, string | string[] | undefined>>>;
}

function Tabs({ here }: { here: Tab }) {
  return (
    <nav aria-label="Settings" className="-mx-1 mb-4 flex overflow-x-auto border-b border-line">
      {tabs.map(([tab, words]) => (
        <Link
          key={tab}
          href={tab === 'people' ? '/settings' : `/settings?tab=${tab}`}
          prefetch={false}
          aria-current={tab === here ? 'page' : undefined}
          className={clsx(
            'whitespace-nowrap border-b-2 px-3 py-2 -outline-offset-2 hover:text-text',
            tab === here ? 'border-accent text-text' : 'border-transparent text-muted',
          )}
        >
          {words}
        </Link>
      ))}
    </nav>
  );
}

async function Sessions({ actor }: { actor: Actor }) {
  const sessions = await hub().listSessions(actor, 'everyone');
  return (
    <Panel title="Everyone’s sessions" aside={<SessionsExport sessions={sessions} of="everyone" />}>
      <SessionsTable sessions={sessions} serverTime={new Date().toISOString()} hasUser />
    </Panel>
  );
}

async function contentOf(tab: Tab, actor: Actor, filter: AuditFilter): Promise<ReactNode> {
  const serverTime = new Date().toISOString();
  switch (tab) {
    case 'people': {
      const [users, invitations, account, { groupsDecide }] = await Promise.all([
        hub().listUsers(actor),
        hub().listInvitations(actor),
        hub().getAccount(actor),
        hub().getRoleSources(actor),
      ]);
      const whose = { ownId: account.id, groupsDecide };
      return <PeopleTab users={users.items} invitations={invitations} {...whose} serverTime={serverTime} />;
    }
    case 'tokens':
      return <TokensTab tokens={await hub().listTokens(actor)} serverTime={serverTime} />;
    case 'sessions':
      return <Sessions actor={actor} />;
    case 'agents':
      return <AgentsTab first={await hub().getAgents(actor)} serverTime={serverTime} />;
    case 'audit':
      return <AuditTab page={await hub().listAudit(actor, filter)} filter={filter} />;
  }
}

/** What only administrators look after; the chosen tab is in the address. */
export default async function SettingsPage({ searchParams }: SettingsPageProps) {
  const [actor, asked] = await Promise.all([requireActor(), searchParams]);
  const mayLook = (actor.kind === 'user' || actor.kind === 'token') && actor.role === 'admin';
  if (!mayLook) {
    const { hasAdministrator } = await hub().getRoleSources(actor);
    return (
      <>
        <PageTitle>Settings</PageTitle>
        <Panel>
          <Empty title="Only administrators see the settings">
            People, tokens, everyone’s sessions and the audit log are theirs. Your own password and sessions
            are under{' '}
            <Link href="/account" className="text-accent underline">
              Account
            </Link>
            .
            {hasAdministrator ? null : (
              <p className="mt-2 text-warn" data-testid="no-administrator">
                Nobody is an administrator of this hub now. On its machine,{' '}
                <code className="font-mono">npx gpufleet hub user login-link</code> signs in as one.
              </p>
            )}
          </Empty>
        </Panel>
      </>
    );
  }
  const tab = tabs.find(([name]) => name === asked['tab'])?.[0] ?? 'people';
  return (
    <>
      <PageTitle>Settings</PageTitle>
      <Tabs here={tab} />
      {await contentOf(tab, actor, auditFilter(asked))}
    </>
  );
}
