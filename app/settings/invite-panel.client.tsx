'use client';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import type { NewInvitation } from '../../lib/hub/people-views.ts';
import { buttonLook, Field, FormMessage } from '../components/form-parts.tsx';
import { Panel } from '../components/page-parts.tsx';
import { RoleSelect } from '../components/role-select.client.tsx';
import { type Refusal, sendChange } from '../components/send.client.ts';
import { ShownOnce } from '../components/shown-once.client.tsx';
import { formatExact } from '../format/index.ts';

/** Makes an invitation and shows its link, once. */
export function InvitePanel() {
  const router = useRouter();
  const [made, setMade] = useState<NewInvitation | null>(null);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const send = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    const name = String(data.get('name') ?? '').trim();
    setBusy(true);
    setRefusal(null);
    const sent = await sendChange<NewInvitation>('POST', '/api/v1/invitations', {
      name: name === '' ? null : name,
      role: data.get('role'),
    });
    setBusy(false);
    if (!sent.ok) {
      setRefusal(sent.refusal);
      return;
    }
    form.reset();
    setMade(sent.value);
    router.refresh();
  };
  return (
    <Panel title="Invite someone">
      <div className="grid gap-4 p-4">
        {made === null ? null : (
          <ShownOnce
            title={`Send this link to ${made.name ?? 'whom you invite'}`}
            text={`${location.origin}${made.path}`}
            close={() => setMade(null)}
          >
            It is shown only now. It works once, until {formatExact(made.expiresAt)}, and makes{' '}
            {/^[aeo]/.test(made.role) ? 'an' : 'a'} {made.role}.
          </ShownOnce>
        )}
        <form onSubmit={(event) => void send(event)} className="grid gap-4">
          <Field
            name="name"
            label="Name (optional)"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            hint="Left empty, whoever opens the link chooses one."
            error={refusal?.fields['name']}
          />
          <RoleSelect name="role" label="Role" />
          <FormMessage>{refusal?.detail ?? null}</FormMessage>
          <button type="submit" disabled={busy} className={buttonLook.main}>
            Make an invitation
          </button>
        </form>
      </div>
    </Panel>
  );
}
