import type { Metadata } from 'next';
import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { CopyButton } from '../components/copy-button.client.tsx';
import { Panel } from '../components/page-parts.tsx';
import { currentActor, hub } from '../hub.ts';
import { OutsideWays } from './outside-ways.tsx';
import { PasswordForm } from './password-form.client.tsx';

export const metadata: Metadata = { title: 'Sign in' };

const command = 'npx gpufleet hub user login-link';

interface LoginPageProps {
  readonly searchParams: Promise<Readonly<Record<string, string | string[] | undefined>>>;
}

const one = (value: string | string[] | undefined): string | null =>
  typeof value === 'string' ? value : null;

function LinkHelp({ hasPasswords }: { hasPasswords: boolean }) {
  return (
    <Panel title={hasPasswords ? 'Without a password' : 'With a one-time link'}>
      <div className="grid gap-3 p-4">
        {hasPasswords ? (
          <p>An administrator of this hub can send you a link that signs in once, or an invitation.</p>
        ) : (
          <p>
            Nobody has a password on this hub yet. At its first start it printed a link like{' '}
            <code className="font-mono text-[13px]">/login/…</code>; open it in this browser. It works once.
          </p>
        )}
        <p>On the machine that the hub runs on, this prints a fresh one for its administrator:</p>
        <div className="flex flex-wrap items-center gap-2 rounded-md border border-line bg-raised p-2.5">
          <code data-testid="login-command" className="min-w-0 flex-1 font-mono text-[13px]">
            {command}
          </code>
          <CopyButton text={command} label="Copy" />
        </div>
      </div>
    </Panel>
  );
}

/** Ways to sign in, each a part of its own, the likeliest first. */
export default async function LoginPage({ searchParams }: LoginPageProps) {
  const [actor, asked, sent] = await Promise.all([currentActor(), searchParams, headers()]);
  if (actor.kind !== 'stranger') redirect('/');
  const from = one(asked['from']);
  const [ways, hasPasswords] = await Promise.all([
    hub().signInWays((name) => sent.get(name), from),
    hub().hasPasswords(),
  ]);
  return (
    <div className="mx-auto grid max-w-md gap-4 pt-10">
      <h1 className="text-xl font-semibold tracking-tight">Sign in</h1>
      <OutsideWays ways={ways} />
      {hasPasswords ? <PasswordForm from={from} refused={one(asked['refused'])} /> : null}
      <LinkHelp hasPasswords={hasPasswords} />
      <p className="text-muted">The session lasts in this browser until you sign out or it expires.</p>
    </div>
  );
}
