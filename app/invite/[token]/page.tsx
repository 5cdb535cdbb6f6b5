import type { Metadata } from 'next';
import type { InvitationState } from '../../../lib/hub/people-views.ts';
import { Panel } from '../../components/page-parts.tsx';
import { roleWords } from '../../components/role-words.ts';
import { formatExact } from '../../format/index.ts';
import { currentActor, hub } from '../../hub.ts';
import { AcceptForm } from './accept-form.client.tsx';

export const metadata: Metadata = { title: 'Invitation', robots: 'noindex' };

interface InvitePageProps {
  readonly params: Promise<{ readonly token: string }>;
  readonly searchParams: Promise<Readonly<Record<string, string | string[] | undefined>>>;
}

function whyClosed(invitation: Exclude<InvitationState, { state: 'open' }>): string {
  switch (invitation.state) {
    case 'expired':
      return `It expired on ${formatExact(invitation.expiresAt, 'UTC')}.`;
    case 'used':
      return `It was used on ${formatExact(invitation.acceptedAt, 'UTC')}. If that was you, sign in with the name and password that you chose.`;
    case 'unknown':
      return 'The hub does not know it: perhaps the link was cut short, or the invitation was withdrawn.';
  }
}

/** Where an invitation's link leads. Looking at it uses nothing up. */
export default async function InvitePage({ params, searchParams }: InvitePageProps) {
  const [{ token }, asked, actor] = await Promise.all([params, searchParams, currentActor()]);
  const invitation = await hub().lookAtInvitation(token);
  if (invitation.state !== 'open')
    return (
      <div className="mx-auto grid max-w-md gap-4 pt-10">
        <h1 className="text-xl font-semibold tracking-tight">This invitation does not work</h1>
        <p>{whyClosed(invitation)}</p>
        <p className="text-muted">
          Ask whoever sent it for another, or{' '}
          <a href="/login" className="text-accent underline">
            sign in
          </a>
          .
        </p>
      </div>
    );
  const { name, role, createdBy, expiresAt } = invitation;
  return (
    <div className="mx-auto grid max-w-md gap-4 pt-10">
      <h1 className="text-xl font-semibold tracking-tight">Join this hub</h1>
      <p>
        {createdBy === 'system' ? 'An administrator' : createdBy.replace(/^(user|token) /, '')} invites you as{' '}
        {role}: {roleWords[role]}.
      </p>
      {actor.kind === 'user' ? (
        <p className="rounded-md border border-line bg-raised px-3 py-2">
          You are signed in as {actor.name} in this browser. Accepting signs you in as the new user instead.
        </p>
      ) : null}
      <Panel>
        <AcceptForm token={token} fixedName={name} isRefused={asked['refused'] !== undefined} />
      </Panel>
      <p className="text-muted">The invitation works once, until {formatExact(expiresAt, 'UTC')}.</p>
    </div>
  );
}
