'use client';
import Link from 'next/link';
import type { ReactNode } from 'react';
import type { HostClaim } from '../../lib/model/index.ts';
import { Age } from '../components/age.client.tsx';
import { Confirm } from '../components/confirm.client.tsx';
import { CopyButton } from '../components/copy-button.client.tsx';
import { sendChange } from '../components/send.client.ts';

interface ClaimProps {
  readonly claim: HostClaim;
  /** What the host is called now; null when the hub does not know it. */
  readonly hostname: string | null;
  readonly serverTime: string;
  readonly mayDecide: boolean;
  readonly done: () => void;
}

const identityCommand = 'rm /var/lib/gpufleet-agent/host.json /var/lib/gpufleet-agent/credential.json';

export function Notice({ children }: { children: ReactNode }) {
  return <li className="grid gap-2 border-t border-line px-4 py-2.5 first:border-t-0">{children}</li>;
}

/** The host's name as a link, where there is a page of it. */
export function HostName({ id, name }: { id: string | null; name: string }) {
  return id === null ? (
    <span className="font-medium">{name}</span>
  ) : (
    <Link href={`/hosts/${encodeURIComponent(id)}`} prefetch={false} className="font-medium underline">
      {name}
    </Link>
  );
}

function Words({ claim, hostname }: Pick<ClaimProps, 'claim' | 'hostname'>) {
  const name = hostname ?? claim.hostname ?? 'a host';
  const host = <HostName id={hostname === null ? null : claim.hostId} name={name} />;
  switch (claim.kind) {
    case 'same-id':
      return (
        <>
          Another machine{claim.hostname === null ? '' : `, which calls itself ${claim.hostname},`} wants to
          be {host}: its agent at {claim.peer} has the same id and another credential, so it is refused.
        </>
      );
    case 'two-agents':
      return (
        <>
          Two machines report as {host}, from {claim.peer}: one was most likely cloned from the other with its
          agent’s files. Its numbers are of both by turns.
        </>
      );
    case 'unknown-credential':
      return (
        <>
          An agent at {claim.peer} is refused: its credential{' '}
          {claim.hostname === null ? 'is not known here' : <>was that of {host}, and is not valid any more</>}
          .
        </>
      );
  }
}

/** What to run on the machine that is the copy, with its explanation. */
function OnTheCopy() {
  return (
    <>
      On the machine that is the copy: end its agent, remove its identity, and enrol it again with the command
      of <span className="font-medium">Add host</span>. The other machine goes on as it is.
    </>
  );
}

function Command({ text }: { text: string }) {
  return (
    <span className="flex min-w-0 items-center gap-2 rounded-md bg-raised px-2 py-1">
      <code className="min-w-0 break-all font-mono text-[13px]">{text}</code>
      <CopyButton text={text} label="Copy the command" />
    </span>
  );
}

function WayOut({ claim }: Pick<ClaimProps, 'claim'>) {
  if (claim.kind === 'unknown-credential')
    return (
      <p className="text-muted">
        To let it report again, run the command of{' '}
        <Link href="/hosts/add" className="text-accent underline">
          Add host
        </Link>{' '}
        on it. If it should be gone, end its agent.
      </p>
    );
  return (
    <details>
      <summary className="w-fit text-accent">This is a duplicate: what to run on it</summary>
      <div className="mt-1 grid gap-1.5 text-muted">
        <p>
          <OnTheCopy />
        </p>
        <Command text={identityCommand} />
        <p>An agent without root keeps them in ~/.local/state/gpufleet-agent.</p>
      </div>
    </details>
  );
}

function Buttons({ claim, hostname, done }: ClaimProps) {
  const { hostId } = claim;
  return (
    <div className="flex flex-wrap gap-2">
      {claim.kind === 'same-id' && hostId !== null && hostname !== null ? (
        <Confirm
          label="Replace: let the new machine take this id"
          title={`Give the id of ${hostname} to the new machine?`}
          action="Replace"
          work={() => sendChange('DELETE', `/api/v1/hosts/${encodeURIComponent(hostId)}/credential`)}
          done={done}
          look="plain"
        >
          The new machine enrols within five minutes and goes on as {hostname}, with its labels and history.
          The machine that has the id now is refused from then on.
        </Confirm>
      ) : null}
      <Confirm
        label={claim.kind === 'unknown-credential' ? 'Dismiss' : 'This is a duplicate'}
        title={claim.kind === 'unknown-credential' ? 'Show this no more?' : 'Is it a duplicate?'}
        action="Show it no more"
        work={() => sendChange('DELETE', `/api/v1/claims/${encodeURIComponent(claim.id)}`)}
        done={done}
        look="plain"
      >
        {claim.kind === 'unknown-credential' ? (
          'The agent is refused as before; it is shown again when it was quiet for a day and comes back.'
        ) : (
          <>
            <OnTheCopy /> <code className="break-all font-mono text-[13px]">{identityCommand}</code>
          </>
        )}
      </Confirm>
    </div>
  );
}

/** An agent that was refused, or that is one too many; with what to do about it. */
export function Claim(props: ClaimProps) {
  const { claim, serverTime, mayDecide } = props;
  return (
    <Notice>
      <p>
        <Words {...props} />{' '}
        <span className="text-muted">
          {claim.count === 1 ? 'Once' : `${claim.count} times`},{' '}
          <Age at={claim.lastAt} serverTime={serverTime} prefix="last" />.
        </span>
      </p>
      <WayOut claim={claim} />
      {mayDecide ? <Buttons {...props} /> : <p className="text-muted">An administrator decides here.</p>}
    </Notice>
  );
}
