import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { CopyButton } from '../components/copy-button.client.tsx';
import { Panel } from '../components/page-parts.tsx';
import { currentActor } from '../hub.ts';

export const metadata: Metadata = { title: 'Sign in' };

const command = 'npx gpufleet hub user login-link';

export default async function LoginPage() {
  if ((await currentActor()).kind !== 'stranger') redirect('/');
  return (
    <div className="mx-auto max-w-2xl pt-10">
      <h1 className="mb-3 text-xl font-semibold tracking-tight">Sign in with a one-time link</h1>
      <Panel>
        <div className="grid gap-3 p-4">
          <p>
            This hub has no passwords. At its first start it printed a link like{' '}
            <code className="font-mono text-[13px]">/login/…</code>; open it in this browser. It works once.
          </p>
          <p>Without a link, make a new one on the machine that the hub runs on:</p>
          <div className="flex flex-wrap items-center gap-2 rounded-md border border-line bg-raised p-2.5">
            <code data-testid="login-command" className="flex-1 font-mono text-[13px]">
              {command}
            </code>
            <CopyButton text={command} label="Copy" />
          </div>
          <p className="text-muted">The session lasts in this browser until you sign out or it expires.</p>
        </div>
      </Panel>
    </div>
  );
}
