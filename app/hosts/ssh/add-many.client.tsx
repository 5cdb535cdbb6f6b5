'use client';
import { type FormEvent, useId, useState } from 'react';
import type { SshHostLine, SshHostLinesView, SshKeyView } from '../../../lib/model/index.ts';
import { Segments } from '../../components/choice.client.tsx';
import { buttonLook, Field, FormMessage } from '../../components/form-parts.tsx';
import { type Refusal, sendChange } from '../../components/send.client.ts';
import { plural } from '../../format/index.ts';
import { KeySelect } from './settings-fields.client.tsx';
import { placeOf } from './ssh-words.ts';

type Format = 'lines' | 'ssh-config' | 'ansible';

const formats: readonly (readonly [Format, string])[] = [
  ['lines', 'A line a host'],
  ['ssh-config', 'ssh_config'],
  ['ansible', 'Ansible inventory'],
];

const examples: Readonly<Record<Format, string>> = {
  lines: 'gpufleet@gpu17.example\ngpu[018-024].example:2222',
  'ssh-config': 'Host gpu-17\n  HostName 10.0.0.17\n  User gpufleet\n  ProxyJump bastion.example',
  ansible: '[gpus]\ngpu[17:24].example ansible_user=gpufleet',
};

function Line({ line }: { line: SshHostLine }) {
  return (
    <li data-line={line.line} className="flex gap-3 border-t border-line py-1 first:border-t-0">
      <span className="w-8 shrink-0 text-right text-muted tabular-nums">{line.line}</span>
      <span className="min-w-0 break-words">
        {line.fault !== null ? (
          <span className="text-crit">
            {line.text}: {line.fault}
          </span>
        ) : line.settings !== null ? (
          <span className="font-mono text-[13px]">
            {placeOf(line.settings)}
            {line.settings.jumps.length === 0 ? '' : ` through ${line.settings.jumps.join(', ')}`}
          </span>
        ) : null}
      </span>
    </li>
  );
}

function Preview({ view }: { view: SshHostLinesView }) {
  const faults = view.lines.filter(({ fault }) => fault !== null);
  const hosts = view.lines.length - faults.length;
  return (
    <section aria-label="Preview" data-testid="bulk-preview">
      <p className={faults.length > 0 ? 'text-crit' : undefined}>
        {faults.length > 0
          ? `${plural(faults.length, 'line')} cannot be used; nothing is added until all can.`
          : view.lines.length === 0
            ? 'There is no host in it.'
            : `${plural(hosts, 'host')} would be added.`}
      </p>
      <ol className="mt-1 max-h-72 overflow-y-auto">
        {[...faults, ...view.lines.filter(({ fault }) => fault === null)].map((line) => (
          <Line key={`${line.line} ${line.settings?.address ?? ''}`} line={line} />
        ))}
      </ol>
    </section>
  );
}

interface AddManyProps {
  readonly keys: readonly SshKeyView[];
  readonly done: () => void;
}

/** Many hosts from a text: looked at first, added when every line can be used. */
export function AddMany({ keys, done }: AddManyProps) {
  const textId = useId();
  const [format, setFormat] = useState<Format>('lines');
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [preview, setPreview] = useState<SshHostLinesView | null>(null);
  const [added, setAdded] = useState<number | null>(null);
  const isFine =
    preview !== null && preview.lines.length > 0 && preview.lines.every(({ fault }) => fault === null);
  const touch = () => {
    setPreview(null);
    setAdded(null);
  };
  const send = async (form: HTMLFormElement, isPreview: boolean) => {
    const data = new FormData(form);
    setBusy(true);
    const sent = await sendChange<SshHostLinesView>('POST', '/api/v1/ssh-hosts/bulk', {
      format,
      text: String(data.get('text') ?? ''),
      user: String(data.get('bulkUser') ?? '').trim(),
      keyId: String(data.get('keyId') ?? ''),
      preview: isPreview,
    });
    setBusy(false);
    setRefusal(sent.ok ? null : sent.refusal);
    if (!sent.ok) return;
    setPreview(sent.value);
    if (isPreview || sent.value.added === 0) return;
    setAdded(sent.value.added);
    setPreview(null);
    form.reset();
    done();
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    void send(event.currentTarget, !isFine);
  };
  return (
    <form onSubmit={submit} onChange={touch} className="grid grid-cols-1 gap-3 p-4">
      <Segments
        label="What the text is"
        value={format}
        choices={formats}
        onChange={(next) => {
          setFormat(next);
          touch();
        }}
      />
      <div>
        <label htmlFor={textId} className="mb-1 block font-medium">
          Hosts
        </label>
        <textarea
          id={textId}
          name="text"
          required
          rows={7}
          maxLength={256 * 1024}
          placeholder={examples[format]}
          spellCheck={false}
          className="w-full rounded-md border border-line-strong bg-surface p-2 font-mono text-[13px]"
        />
      </div>
      <Field
        name="bulkUser"
        label="User, where the text says none"
        defaultValue="gpufleet"
        required
        maxLength={64}
        spellCheck={false}
        error={refusal?.fields['user']}
      />
      <KeySelect keys={keys} />
      <FormMessage>{refusal?.detail ?? null}</FormMessage>
      {preview === null ? null : <Preview view={preview} />}
      <FormMessage tone="good">
        {added === null ? null : `${plural(added, 'host')} added; each waits for its key to be accepted.`}
      </FormMessage>
      <button type="submit" disabled={busy} className={`${buttonLook.main} w-fit`}>
        {isFine ? `Add ${plural(preview.lines.length, 'host')}` : 'Preview'}
      </button>
    </form>
  );
}
