import { headers } from 'next/headers';
import type { Actor } from '../../../lib/hub/actor.ts';
import { CopyButton } from '../../components/copy-button.client.tsx';
import { hub } from '../../hub.ts';

/** The address in the browser's bar, so that the command works from where the viewer stands. */
async function browserOrigin(): Promise<string> {
  const sent = await headers();
  const host = sent.get('x-forwarded-host') ?? sent.get('host') ?? 'localhost';
  const scheme = sent.get('x-forwarded-proto')?.split(',')[0] ?? 'http';
  return `${scheme}://${host}`;
}

function Command({ text, testId }: { text: string; testId: string }) {
  return (
    <div className="mt-2 flex flex-wrap items-start gap-2 rounded-md border border-line bg-raised p-2.5">
      <code
        data-testid={testId}
        className="min-w-0 flex-1 basis-64 self-center whitespace-pre-wrap break-all font-mono text-[13px]"
      >
        {text}
      </code>
      <CopyButton text={text} label="Copy" />
    </div>
  );
}

function isAdmin(actor: Actor): boolean {
  return actor.kind === 'user' && actor.role === 'admin';
}

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
      {remoteCommand === null ? (
        <p data-testid="add-host-note" className="rounded-md border border-line px-3 py-2">
          {note}
        </p>
      ) : (
        <div>
          <h3 className="font-medium">On the GPU host</h3>
          <p className="text-muted">
            Run this as root. It installs the agent from this hub and runs it until you end it; it prints the
            command that starts it again.
          </p>
          <Command text={remoteCommand} testId="add-host-command" />
          {note === null ? null : <p className="mt-2 text-muted">{note}</p>}
        </div>
      )}
      <div>
        <h3 className="font-medium">On the machine that the hub runs on</h3>
        <p className="text-muted">
          {remoteCommand === null
            ? 'Run this as root. It installs the agent from this hub and runs it until you end it; it prints the command that starts it again.'
            : 'The same, by the address at which this machine reaches its hub.'}
        </p>
        <Command
          text={localCommand}
          testId={remoteCommand === null ? 'add-host-command' : 'add-host-local-command'}
        />
      </div>
      <p className="text-muted">
        The command holds an enrolment token that works until {expires}, for any number of hosts. The agent
        reads nvidia-smi, /proc and the Docker socket, and opens no port.
      </p>
    </div>
  );
}
