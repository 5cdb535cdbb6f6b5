'use client';
import { type FormEvent, useState } from 'react';
import { buttonLook, Field, FormMessage } from '../../components/form-parts.tsx';
import { type Refusal, sendForm } from '../../components/send.client.ts';

interface AcceptFormProps {
  readonly token: string;
  /** Null: to be chosen. */
  readonly fixedName: string | null;
  /** A form that was sent without a script came back. */
  readonly isRefused: boolean;
}

const unlike: Refusal = { status: 0, detail: 'The two passwords differ.', fields: { again: 'Differs.' } };
const cameBack: Refusal = {
  status: 0,
  detail: 'That did not work: the name is taken or no name, or the password is too short.',
  fields: {},
};

/** Name, where it is open, and a password, twice. Accepting signs in. */
export function AcceptForm({ token, fixedName, isRefused }: AcceptFormProps) {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(isRefused ? cameBack : null);
  const address = `/invite/${token}`;
  const send = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    if (form.get('password') !== form.get('again')) {
      setRefusal(unlike);
      return;
    }
    form.delete('again');
    setBusy(true);
    setRefusal(null);
    const sent = await sendForm(address, form);
    if (sent.ok) location.assign(sent.value.location);
    else {
      setBusy(false);
      setRefusal(sent.refusal);
    }
  };
  return (
    <form method="post" action={address} onSubmit={(event) => void send(event)} className="grid gap-4 p-4">
      <Field
        name="name"
        label="Name"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
        {...(fixedName === null ? {} : { value: fixedName, readOnly: true })}
        hint={fixedName === null ? 'Letters, digits and . _ @ + -' : 'Chosen by whoever invited you.'}
        error={refusal?.fields['name']}
      />
      <Field
        name="password"
        label="Password"
        type="password"
        autoComplete="new-password"
        minLength={12}
        required
        hint="At least 12 characters. Several words are easier to keep than signs."
        error={refusal?.fields['password']}
      />
      <Field
        name="again"
        label="Password again"
        type="password"
        autoComplete="new-password"
        required
        error={refusal?.fields['again']}
      />
      <FormMessage>{refusal?.detail ?? null}</FormMessage>
      <button type="submit" disabled={busy} className={buttonLook.main}>
        {busy ? 'Joining…' : 'Join and sign in'}
      </button>
    </form>
  );
}
