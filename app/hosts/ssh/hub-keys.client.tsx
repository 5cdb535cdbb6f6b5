'use client';
import { type FormEvent, useState } from 'react';
import type { SshKeyView } from '../../../lib/model/index.ts';
import { Confirm } from '../../components/confirm.client.tsx';
import { CopyButton } from '../../components/copy-button.client.tsx';
import { buttonLook, Field, FormMessage } from '../../components/form-parts.tsx';
import { Panel } from '../../components/page-parts.tsx';
import { type Refusal, sendChange } from '../../components/send.client.ts';

const kindWords: Readonly<Record<SshKeyView['kind'], string>> = {
  made: 'made by this hub, kept encrypted',
  file: 'a file on the hub’s machine',
  agent: 'the hub’s ssh-agent',
};

function Line({ label, text, testId }: { label: string; text: string; testId: string }) {
  return (
    <div>
      <p className="text-muted">{label}</p>
      <div className="mt-1 flex flex-wrap items-start gap-2 rounded-md bg-raised p-2">
        <code
          data-testid={testId}
          className="min-w-0 flex-1 basis-56 self-center break-all font-mono text-[13px]"
        >
          {text}
        </code>
        <CopyButton text={text} label="Copy" />
      </div>
    </div>
  );
}

const forcedCommand = 'restrict,command="/usr/local/bin/gpufleet-ssh"';

function Key({ sshKey, mayEdit, done }: { sshKey: SshKeyView; mayEdit: boolean; done: () => void }) {
  return (
    <div data-key={sshKey.name} className="grid grid-cols-1 gap-2 border-t border-line p-4 first:border-t-0">
      <div className="flex flex-wrap items-baseline justify-between gap-2">
        <p className="min-w-0 break-words">
          <span className="font-medium">{sshKey.name}</span>{' '}
          <span className="text-muted">{kindWords[sshKey.kind]}</span>
        </p>
        {mayEdit && sshKey.kind !== 'agent' ? (
          <Confirm
            label="Remove"
            ariaLabel={`Remove the key ${sshKey.name}`}
            title={`Remove the key ${sshKey.name}?`}
            action="Remove"
            work={() => sendChange('DELETE', `/api/v1/ssh-keys/${encodeURIComponent(sshKey.id)}`)}
            done={done}
          >
            {sshKey.kind === 'made'
              ? 'Its private part is deleted and cannot be had again. A key that a host uses cannot be removed.'
              : 'The hub forgets where the file is; the file stays.'}
          </Confirm>
        ) : null}
      </div>
      {sshKey.publicLine === null ? (
        <p className="text-muted">Its public part cannot be read from here.</p>
      ) : (
        <>
          <Line
            label="For authorized_keys: any command of that account, no terminal, no forwarding"
            text={`restrict ${sshKey.publicLine}`}
            testId="authorized-plain"
          />
          <Line
            label="Held to a fixed list that only reads, once deploy/ssh/gpufleet-ssh stands on the host (docs/ssh.md)"
            text={`${forcedCommand} ${sshKey.publicLine}`}
            testId="authorized-forced"
          />
        </>
      )}
    </div>
  );
}

function NewKey({ done }: { done: () => void }) {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const make = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    const path = String(data.get('keyPath') ?? '').trim();
    setBusy(true);
    const sent = await sendChange('POST', '/api/v1/ssh-keys', {
      name: String(data.get('keyName') ?? '').trim(),
      ...(path === '' ? {} : { path }),
    });
    setBusy(false);
    setRefusal(sent.ok ? null : sent.refusal);
    if (!sent.ok) return;
    form.reset();
    done();
  };
  const { fields = {} } = refusal ?? {};
  return (
    <form onSubmit={(event) => void make(event)} className="grid grid-cols-1 gap-3 border-t border-line p-4">
      <Field
        name="keyName"
        label="New key, called"
        required
        maxLength={64}
        placeholder="gpu-hosts"
        error={fields['name']}
      />
      <Field
        name="keyPath"
        label="File on the hub’s machine"
        hint="Empty: the hub makes an ed25519 pair and keeps the private part encrypted."
        error={fields['path']}
      />
      <FormMessage>{refusal?.detail ?? null}</FormMessage>
      <button type="submit" disabled={busy} className={`${buttonLook.plain} w-fit`}>
        Make the key
      </button>
    </form>
  );
}

/** What the hub logs in with: the lines to put on the hosts; the private parts are never shown. */
export function HubKeys(props: {
  readonly keys: readonly SshKeyView[];
  readonly mayEdit: boolean;
  readonly done: () => void;
}) {
  const { keys, mayEdit, done } = props;
  return (
    <Panel title="Keys of this hub">
      {keys.length === 0 ? (
        <p className="p-4 text-muted">
          There is none yet.{' '}
          {mayEdit ? 'Make one, and put its line on the hosts.' : 'An administrator makes one.'}
        </p>
      ) : null}
      {keys.map((sshKey) => (
        <Key key={sshKey.id} sshKey={sshKey} mayEdit={mayEdit} done={done} />
      ))}
      {mayEdit ? <NewKey done={done} /> : null}
    </Panel>
  );
}
