'use client';
import { useRouter } from 'next/navigation';
import { Dialog } from 'radix-ui';
import { useState } from 'react';
import type { UserLink } from '../../lib/hub/operations/make-user-link.ts';
import type { UserView } from '../../lib/hub/people-views.ts';
import { Confirm } from '../components/confirm.client.tsx';
import { buttonLook, FormMessage } from '../components/form-parts.tsx';
import { sendChange } from '../components/send.client.ts';
import { ShownOnce } from '../components/shown-once.client.tsx';
import { formatExact } from '../format/index.ts';
import type { Role } from '../places.ts';

interface UserProps {
  readonly user: UserView;
  /** Of whoever looks: what would lock oneself out is not offered. */
  readonly isOwn: boolean;
}

const roles: readonly Role[] = ['viewer', 'operator', 'admin'];

/** The role of a user, to be changed where it is shown. */
export function RoleOf({ user, isOwn }: UserProps) {
  const router = useRouter();
  const [refusal, setRefusal] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  if (isOwn) return user.role;
  const change = async (role: string) => {
    setBusy(true);
    const sent = await sendChange('PUT', `/api/v1/users/${user.id}/role`, { role });
    setBusy(false);
    setRefusal(sent.ok ? null : sent.refusal.detail);
    router.refresh();
  };
  return (
    <span className="grid gap-1">
      <select
        aria-label={`Role of ${user.name}`}
        value={user.role}
        disabled={busy}
        onChange={(event) => void change(event.target.value)}
        className="h-8 w-fit rounded-md border border-line bg-surface px-1.5"
      >
        {roles.map((role) => (
          <option key={role}>{role}</option>
        ))}
      </select>
      <FormMessage>{refusal}</FormMessage>
    </span>
  );
}

function LoginLink({ user }: { user: UserView }) {
  const [link, setLink] = useState<UserLink | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [open, setOpen] = useState(false);
  const make = async () => {
    const sent = await sendChange<UserLink>('POST', `/api/v1/users/${user.id}/login-link`);
    setRefusal(sent.ok ? null : sent.refusal.detail);
    if (sent.ok) setLink(sent.value);
  };
  const change = (next: boolean) => {
    setOpen(next);
    setLink(null);
    setRefusal(null);
  };
  return (
    <Dialog.Root open={open} onOpenChange={change}>
      <Dialog.Trigger aria-label={`One-time link for ${user.name}`} className={buttonLook.plain}>
        Link…
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-[#0008]" />
        <Dialog.Content className="fixed left-1/2 top-[20vh] z-50 grid w-[min(34rem,calc(100vw-2rem))] -translate-x-1/2 gap-3 rounded-lg border border-line bg-surface p-4 shadow-xl">
          <Dialog.Title className="font-medium">One-time link for {user.name}</Dialog.Title>
          <Dialog.Description className="text-muted">
            For someone who forgot the password, or has none. It signs in as {user.name} once, within 15
            minutes; a new password can then be set under Account. The audit log says that you made it.
          </Dialog.Description>
          <FormMessage>{refusal}</FormMessage>
          {link === null ? (
            <div className="flex justify-end gap-2">
              <Dialog.Close className={buttonLook.plain}>Cancel</Dialog.Close>
              <button
                type="button"
                onClick={() => void make()}
                className="h-8 rounded-md bg-accent px-3 font-medium text-accent-text"
              >
                Make the link
              </button>
            </div>
          ) : (
            <ShownOnce
              title={`Send this to ${user.name}`}
              text={`${location.origin}${link.path}`}
              close={() => change(false)}
            >
              It is shown only now, and works until {formatExact(link.expiresAt)}.
            </ShownOnce>
          )}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Disable({ user }: { user: UserView }) {
  const router = useRouter();
  return (
    <Confirm
      label="Disable"
      ariaLabel={`Disable ${user.name}`}
      look="plain"
      title={`Disable ${user.name}?`}
      action="Disable"
      work={() => sendChange('POST', `/api/v1/users/${user.id}/disable`)}
      done={() => router.refresh()}
    >
      {user.name} is signed out everywhere at once and cannot sign in until enabled again. Tokens that{' '}
      {user.name} made go on working: see the Tokens tab.
    </Confirm>
  );
}

function Enable({ user }: { user: UserView }) {
  const router = useRouter();
  const enable = async () => {
    await sendChange('POST', `/api/v1/users/${user.id}/enable`);
    router.refresh();
  };
  return (
    <button
      type="button"
      aria-label={`Enable ${user.name}`}
      onClick={() => void enable()}
      className={buttonLook.plain}
    >
      Enable
    </button>
  );
}

/** What can be done about a user. */
export function UserActions({ user, isOwn }: UserProps) {
  const router = useRouter();
  if (isOwn)
    return (
      <a href="/account" className="text-accent underline">
        Account
      </a>
    );
  return (
    <span className="flex flex-wrap justify-end gap-1.5 sm:flex-nowrap">
      {user.disabledAt === null ? (
        <>
          <LoginLink user={user} />
          <Disable user={user} />
        </>
      ) : (
        <Enable user={user} />
      )}
      <Confirm
        label="Remove"
        ariaLabel={`Remove ${user.name}`}
        title={`Remove ${user.name}?`}
        action="Remove"
        work={() => sendChange('DELETE', `/api/v1/users/${user.id}`)}
        done={() => router.refresh()}
      >
        The hub forgets {user.name} and ends every session. What {user.name} did stays in the audit log, and
        tokens that {user.name} made go on working: see the Tokens tab.
      </Confirm>
    </span>
  );
}
