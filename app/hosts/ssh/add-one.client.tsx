'use client';
import { type FormEvent, useState } from 'react';
import type { SshHostView, SshKeyView } from '../../../lib/model/index.ts';
import { buttonLook, FormMessage } from '../../components/form-parts.tsx';
import { type Refusal, sendChange } from '../../components/send.client.ts';
import { SettingsFields, settingsOf } from './settings-fields.client.tsx';

interface AddOneProps {
  readonly keys: readonly SshKeyView[];
  /** The host that was just added: its page opens, with the test's steps. */
  readonly added: (host: SshHostView) => void;
}

/** Adds a host; what came of it shows where the host is looked at. */
export function AddOne({ keys, added }: AddOneProps) {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const add = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const settings = settingsOf(new FormData(event.currentTarget), 'new-', null);
    setBusy(true);
    const sent = await sendChange<SshHostView>('POST', '/api/v1/ssh-hosts', settings);
    setBusy(false);
    setRefusal(sent.ok ? null : sent.refusal);
    if (sent.ok) added(sent.value);
  };
  return (
    <form onSubmit={(event) => void add(event)} className="grid grid-cols-1 gap-3 p-4">
      <SettingsFields prefix="new-" keys={keys} initial={{}} errors={refusal?.fields ?? {}} />
      <FormMessage>{refusal?.detail ?? null}</FormMessage>
      <button type="submit" disabled={busy} className={`${buttonLook.main} w-fit`}>
        Add and test
      </button>
    </form>
  );
}
