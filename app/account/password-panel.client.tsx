'use client';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import type { AccountView } from '../../lib/hub/people-views.ts';
import { buttonLook, Field, FormMessage } from '../components/form-parts.tsx';
import { type Refusal, sendChange } from '../components/send.client.ts';

interface PasswordPanelProps {
  readonly name: string;
  readonly password: Exclude<AccountView['password'], null>;
  /** The session began by a link within the hour, so the present password is not asked for. */
  readonly isFresh: boolean;
}

const unlike: Refusal = { status: 0, detail: 'The two passwords differ.', fields: { again: 'Differs.' } };

function whyNot({ password, isFresh }: PasswordPanelProps): string | null {
  if (password === 'elsewhere') return 'You sign in elsewhere; your password is kept and changed there.';
  if (password === 'none' && !isFresh)
    return 'You have no password. To set a first one, sign in by a fresh one-time link.';
  return null;
}

/** Sets one's own password; all other sessions end with it. */
export function PasswordPanel(props: PasswordPanelProps) {
  const { name, password, isFresh } = props;
  const router = useRouter();
  const [busy, setBusy] = useState(false);
  const [isDone, setIsDone] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const reason = whyNot(props);
  if (reason !== null) return <p className="p-4 text-muted">{reason}</p>;
  const asksCurrent = password === 'set' && !isFresh;
  const send = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    setIsDone(false);
    if (data.get('newPassword') !== data.get('again')) {
      setRefusal(unlike);
      return;
    }
    setBusy(true);
    setRefusal(null);
    const sent = await sendChange('PUT', '/api/v1/account/password', {
      currentPassword: asksCurrent ? data.get('currentPassword') : null,
      newPassword: data.get('newPassword'),
    });
    setBusy(false);
    if (!sent.ok) {
      setRefusal(sent.refusal);
      return;
    }
    form.reset();
    setIsDone(true);
    router.refresh();
  };
  return (
    <form onSubmit={(event) => void send(event)} className="grid gap-4 p-4">
      {/* So that a password manager knows whose password this is. */}
      <input type="hidden" name="username" autoComplete="username" value={name} readOnly />
      {asksCurrent ? (
        <Field
          name="currentPassword"
          label="Present password"
          type="password"
          autoComplete="current-password"
          required
          error={refusal?.fields['currentPassword']}
        />
      ) : null}
      <Field
        name="newPassword"
        label={password === 'set' ? 'New password' : 'Password'}
        type="password"
        autoComplete="new-password"
        minLength={12}
        required
        hint="At least 12 characters."
        error={refusal?.fields['newPassword']}
      />
      <Field
        name="again"
        label="The same again"
        type="password"
        autoComplete="new-password"
        required
        error={refusal?.fields['again']}
      />
      <FormMessage>{refusal?.detail ?? null}</FormMessage>
      <FormMessage tone="good">
        {isDone ? 'The password is set. All other sessions of yours have ended.' : null}
      </FormMessage>
      <button type="submit" disabled={busy} className={buttonLook.main}>
        {password === 'set' ? 'Change password' : 'Set password'}
      </button>
    </form>
  );
}
