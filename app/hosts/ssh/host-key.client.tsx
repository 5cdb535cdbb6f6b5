'use client';
import type { SshHostKey, SshHostView } from '../../../lib/model/index.ts';
import { Confirm } from '../../components/confirm.client.tsx';
import { CopyButton } from '../../components/copy-button.client.tsx';
import { sendChange } from '../../components/send.client.ts';
import { knownName } from './ssh-words.ts';

function Fingerprint({ label, hostKey, testId }: { label: string; hostKey: SshHostKey; testId: string }) {
  return (
    <div>
      <p className="text-muted">
        {label} ({hostKey.type})
      </p>
      <div className="flex flex-wrap items-center gap-2">
        <code data-testid={testId} className="min-w-0 break-all font-mono text-lg">
          {hostKey.fingerprint}
        </code>
        <CopyButton text={hostKey.fingerprint} label="Copy" />
      </div>
    </div>
  );
}

/** `/etc/ssh/ssh_host_ed25519_key.pub` for `ssh-ed25519`. */
function keyFile(type: string): string {
  const kind = type.startsWith('ecdsa') ? 'ecdsa' : /rsa/.test(type) ? 'rsa' : 'ed25519';
  return `/etc/ssh/ssh_host_${kind}_key.pub`;
}

function HowToCompare({ type, where }: { type: string; where: string }) {
  const command = `ssh-keygen -lf ${keyFile(type)}`;
  return (
    <div>
      <p>
        Run this on {where}, at its console or over a connection that you trust, and compare every letter:
      </p>
      <div className="mt-1 flex flex-wrap items-center gap-2 rounded-md bg-raised p-2">
        <code className="min-w-0 flex-1 basis-56 break-all font-mono text-[13px]">{command}</code>
        <CopyButton text={command} label="Copy" />
      </div>
    </div>
  );
}

interface HostKeyProps {
  readonly host: Pick<SshHostView, 'id' | 'address' | 'port' | 'state' | 'acceptedKey'> & {
    readonly offeredKey: SshHostKey;
  };
  readonly mayAccept: boolean;
  readonly done: () => void;
}

/** The key that a host shows and nobody has vouched for: how to compare it, and the button that accepts it. */
export function OfferedKey({ host, mayAccept, done }: HostKeyProps) {
  const { offeredKey, acceptedKey } = host;
  // A known_hosts file of the hub's machine may have vouched for the one before.
  const isChanged = acceptedKey !== null || host.state === 'key-changed';
  const isOfJump = offeredKey.place.toLowerCase() !== knownName(host);
  const whose = isOfJump ? `The jump host ${offeredKey.place}` : 'This host';
  return (
    <section
      aria-label={isChanged ? 'The host key changed' : 'Host key to compare'}
      data-testid="offered-key"
      className={`grid grid-cols-1 gap-3 rounded-md border p-3 ${isChanged ? 'border-crit bg-crit-bg' : 'border-warn bg-warn-bg'}`}
    >
      <p className="font-medium">
        {isChanged
          ? `${whose} shows another key than the one that was accepted.`
          : isOfJump
            ? `Nobody has vouched for the key of the jump host ${offeredKey.place} yet.`
            : 'Nobody has vouched for this host’s key yet.'}
      </p>
      {isChanged ? (
        <p>
          Either the host was set up anew, or somebody stands between it and the hub. Find out which before
          you accept anything: ask who looks after the host, and compare the fingerprint at its console. The
          hub has sent nothing to it since.
        </p>
      ) : null}
      {acceptedKey === null ? null : (
        <Fingerprint label="Accepted before" hostKey={acceptedKey} testId="accepted-fingerprint" />
      )}
      <Fingerprint
        label={isChanged ? 'Shown now' : 'Its fingerprint'}
        hostKey={offeredKey}
        testId="offered-fingerprint"
      />
      <HowToCompare
        type={offeredKey.type}
        where={isOfJump ? `the jump host ${offeredKey.place}` : 'the host itself'}
      />
      {mayAccept ? (
        <div>
          <Confirm
            label={isChanged ? 'Accept the new key…' : 'Accept this key…'}
            title={`Accept the key of ${isOfJump ? offeredKey.place : host.address}?`}
            action="Accept"
            look="plain"
            work={() =>
              sendChange('POST', `/api/v1/ssh-hosts/${encodeURIComponent(host.id)}/accept-key`, {
                fingerprint: offeredKey.fingerprint,
              })
            }
            done={done}
          >
            {isChanged ? 'The key that was accepted before counts no more. ' : ''}
            The hub will log in there, and read whatever answers with this key. You say that you compared{' '}
            <span className="break-all font-mono">{offeredKey.fingerprint}</span> with the host’s own. Who
            accepted it is in the audit log.
          </Confirm>
        </div>
      ) : (
        <p className="text-muted">An administrator compares and accepts it.</p>
      )}
    </section>
  );
}

interface AcceptedKeyProps {
  readonly host: Pick<SshHostView, 'id' | 'address' | 'port' | 'offeredKey'> & {
    readonly acceptedKey: SshHostKey;
  };
  readonly mayForget: boolean;
  readonly done: () => void;
}

/** The key that a person accepted, and the way to withdraw that. */
export function AcceptedKey({ host, mayForget, done }: AcceptedKeyProps) {
  const { acceptedKey, offeredKey } = host;
  const isOfJump = acceptedKey.place.toLowerCase() !== knownName(host);
  const whose = isOfJump ? `the jump host ${acceptedKey.place}` : host.address;
  const query = `?place=${encodeURIComponent(acceptedKey.place)}`;
  return (
    <section aria-label="Accepted host key" data-testid="accepted-key" className="grid grid-cols-1 gap-2">
      {/* Beside one that is shown now it stands there already. */}
      {offeredKey === null ? (
        <Fingerprint label="Accepted host key" hostKey={acceptedKey} testId="accepted-fingerprint" />
      ) : null}
      {mayForget ? (
        <div>
          <Confirm
            label={offeredKey === null ? 'Forget this key…' : 'Forget the key accepted before…'}
            title={`Forget the accepted key of ${whose}?`}
            action="Forget"
            look="plain"
            work={() =>
              sendChange('DELETE', `/api/v1/ssh-hosts/${encodeURIComponent(host.id)}/accepted-key${query}`)
            }
            done={done}
          >
            The hub closes its connections there at once, and reads nothing over them until an administrator
            accepts a key again, or a known_hosts file of its machine vouches for one. That counts for every
            host that is reached {isOfJump ? 'through it' : 'at this address, or through it'}.
          </Confirm>
        </div>
      ) : null}
    </section>
  );
}
