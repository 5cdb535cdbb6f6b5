import { headers } from 'next/headers';
import type { Actor } from '../../../lib/hub/actor.ts';
import { hub } from '../../hub.ts';
import { AccessChoice, AddCommand } from './add-command.client.tsx';

/** The address in the browser's bar, so that the command works from where the viewer stands. */
async function browserOrigin(): Promise<string> {
  const sent = await headers();
  const host = sent.get('x-forwarded-host') ?? sent.get('host') ?? 'localhost';
  const scheme = sent.get('x-forwarded-proto')?.split(',')[0] ?? 'http';
  return `${scheme}://${host}`;
}

function isAdmin(actor: Actor): boolean {
  return actor.kind === 'user' && actor.role === 'admin';
}

const runIt =
  'Run this as root. It installs the agent from this hub as a service with a user of its own; again on the same host it is an upgrade.';

/** How to add a host: a command for other hosts, one for this machine, and what stands in the way. */
export async function AddHost({ actor }: { actor: Actor }) {
  if (!isAdmin(actor))
    return (
      <p>Adding a host needs an administrator. Ask one to open this page and to send you the command.</p>
    );
  const { remoteCommand, localCommand, note, tokenExpiresAt } = await hub().addHostInstructions(
    actor,
    await browserOrigin(),
  );
  const expires = `${new Date(tokenExpiresAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return (
    <div className="grid gap-5">
      <AccessChoice />
      {remoteCommand === null ? (
        <p data-testid="add-host-note" className="rounded-md border border-line px-3 py-2">
          {note}
        </p>
      ) : (
        <div>
          <h3 className="font-medium">On the GPU host</h3>
          <p className="text-muted">{runIt}</p>
          <AddCommand text={remoteCommand} testId="add-host-command" />
          {note === null ? null : <p className="mt-2 text-muted">{note}</p>}
        </div>
      )}
      <div>
        <h3 className="font-medium">On the machine that the hub runs on</h3>
        <p className="text-muted">
          {remoteCommand === null ? runIt : 'The same, by the address at which this machine reaches its hub.'}
        </p>
        <AddCommand
          text={localCommand}
          testId={remoteCommand === null ? 'add-host-command' : 'add-host-local-command'}
        />
      </div>
      <p className="text-muted">
        The command holds an enrolment token that works until {expires}, for any number of hosts. The agent
        opens no port. With <code className="font-mono text-[13px]">--foreground</code> behind it, the command
        makes no service: the agent runs as whoever calls, from a folder in its home, until Ctrl-C; with{' '}
        <code className="font-mono text-[13px]">--uninstall</code> it removes all that it made.
      </p>
    </div>
  );
}
