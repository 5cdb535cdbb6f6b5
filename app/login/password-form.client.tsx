'use client';
import { type FormEvent, useState } from 'react';
import { buttonLook, Field, FormMessage } from '../components/form-parts.tsx';
import { Panel } from '../components/page-parts.tsx';
import { sendForm } from '../components/send.client.ts';

/** For a form that was sent without a script; with one, the hub's own words are shown. */
const refusals: Readonly<Record<string, string>> = {
  unauthenticated: 'The name or the password is wrong.',
  'too-many-requests': 'Too many attempts. Wait a minute.',
  unavailable: 'The hub is busy. Try again in a few seconds.',
};

interface PasswordFormProps {
  /** Where to go afterwards; the hub checks it. */
  readonly from: string | null;
  readonly refused: string | null;
}

export function PasswordForm({ from, refused }: PasswordFormProps) {
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState(
    refused === null ? null : (refusals[refused] ?? 'Signing in did not work. Try again.'),
  );
  const send = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    setBusy(true);
    setMessage(null);
    const sent = await sendForm('/login', new FormData(form));
    // A whole load, so that nothing of whoever was signed in before is kept.
    if (sent.ok) location.assign(sent.value.location);
    else {
      setBusy(false);
      setMessage(sent.refusal.detail);
      form.querySelector<HTMLInputElement>('input[name="password"]')?.select();
    }
  };
  return (
    <Panel>
      <form method="post" action="/login" onSubmit={(event) => void send(event)} className="grid gap-4 p-4">
        {from === null ? null : <input type="hidden" name="from" value={from} />}
        <Field
          name="name"
          label="Name"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
        />
        <Field name="password" label="Password" type="password" autoComplete="current-password" required />
        <FormMessage>{message}</FormMessage>
        <button type="submit" disabled={busy} className={buttonLook.main}>
          {busy ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
    </Panel>
  );
}
