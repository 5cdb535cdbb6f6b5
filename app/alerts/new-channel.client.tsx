'use client';
import { useState } from 'react';
import type { ChannelKind } from '../../lib/model/index.ts';
import { Field, inputLook } from '../components/form-parts.tsx';
import { type Refusal, sendChange } from '../components/send.client.ts';
import { FormDialog } from './dialog.client.tsx';

interface KindWords {
  readonly name: string;
  readonly says: string;
  readonly address: string;
  readonly placeholder: string;
  /** Null: this kind has none. */
  readonly secret: { readonly label: string; readonly hint: string; readonly isRequired?: boolean } | null;
  /** Whether it takes templates. */
  readonly isWorded: boolean;
}

export const channelKindWords: Readonly<Record<ChannelKind, KindWords>> = {
  webhook: {
    name: 'Webhook',
    says: 'JSON for a program of yours.',
    address: 'Address',
    placeholder: 'https://chat.example.com/hooks/gpufleet',
    secret: { label: 'Secret', hint: 'Optional: signs each notice as Standard Webhooks does.' },
    isWorded: false,
  },
  slack: {
    name: 'Slack, Mattermost, Discord',
    says: 'A message in a chat, through its incoming webhook (of Discord with /slack at its end).',
    address: 'Address of the incoming webhook',
    placeholder: 'https://hooks.slack.com/services/…',
    secret: null,
    isWorded: true,
  },
  mail: {
    name: 'Mail',
    says: 'A mail through a mail server.',
    address: 'Mail server',
    placeholder: 'smtp://mail.example.com:587',
    secret: { label: 'Password', hint: 'Of the user; sent only over an encrypted connection.' },
    isWorded: true,
  },
  pagerduty: {
    name: 'PagerDuty',
    says: 'An incident for each notice, closed when all of it is over (Events API v2).',
    address: 'Address (empty: PagerDuty’s own)',
    placeholder: 'https://events.pagerduty.com/v2/enqueue',
    secret: { label: 'Integration key', hint: 'Of a service with Events API v2.', isRequired: true },
    isWorded: true,
  },
  ntfy: {
    name: 'ntfy',
    says: 'A push to telephones.',
    address: 'Address with the topic',
    placeholder: 'https://ntfy.sh/my-topic',
    secret: { label: 'Token', hint: 'Optional: an access token, or user:password.' },
    isWorded: true,
  },
  alertmanager: {
    name: 'Alertmanager',
    says: 'Told every minute what fires, as Prometheus does it.',
    address: 'Addresses, a blank between',
    placeholder: 'http://am-1:9093 http://am-2:9093',
    secret: { label: 'Token', hint: 'Optional: a bearer token, or user:password.' },
    isWorded: false,
  },
  heartbeat: {
    name: 'Heartbeat',
    says: 'Posts every minute while the hub lives, for a dead man’s switch that alerts when it falls silent.',
    address: 'Address',
    placeholder: 'https://hc-ping.com/…',
    secret: { label: 'Token', hint: 'Optional: a bearer token.' },
    isWorded: false,
  },
};
const kinds = Object.keys(channelKindWords) as readonly ChannelKind[];

const textOr = <T,>(form: FormData, name: string, otherwise: T): string | T => {
  const text = String(form.get(name) ?? '').trim();
  return text === '' ? otherwise : text;
};

const addresses = (form: FormData): readonly string[] =>
  textOr(form, 'to', '')
    .split(/[\s,;]+/)
    .filter(Boolean);

const send = (kind: ChannelKind, form: FormData) =>
  sendChange('POST', '/api/v1/channels', {
    kind,
    name: form.get('name'),
    url: textOr(form, 'url', ''),
    secret: textOr(form, 'secret', null),
    options: {
      to: addresses(form),
      from: textOr(form, 'from', null),
      user: textOr(form, 'user', null),
      severity: form.get('severity') === 'critical' ? 'critical' : 'warning',
      title: textOr(form, 'title', null),
      line: textOr(form, 'line', null),
    },
  });

function MailFields({ fields }: { fields: Refusal['fields'] }) {
  return (
    <>
      <Field
        name="to"
        label="To"
        required
        placeholder="ops@example.com, night@example.com"
        error={fields['options/to'] ?? fields['to']}
      />
      <Field
        name="from"
        label="From"
        required
        placeholder="gpufleet@example.com"
        error={fields['options/from'] ?? fields['from']}
      />
      <Field name="user" label="User" autoComplete="off" hint="Empty: the server asks for none." />
    </>
  );
}

function Templates({ fields }: { fields: Refusal['fields'] }) {
  const lineFault = fields['options/line'] ?? fields['line'];
  return (
    <details>
      <summary className="cursor-pointer text-muted">Templates</summary>
      <div className="mt-2 grid gap-3">
        <Field
          name="title"
          label="Title"
          placeholder="[{event}] {what}"
          hint="{event} {severity} {cause} {count} {what} {hosts} {hub}"
          error={fields['options/title'] ?? fields['title']}
        />
        <div>
          <label htmlFor="line" className="mb-1 block font-medium">
            Each alert
          </label>
          <textarea
            id="line"
            name="line"
            rows={3}
            placeholder={'{what}\n{resolution}{why} {todo}\n{url}'}
            aria-describedby="line-hint"
            className={`${inputLook} h-auto py-1.5 font-mono text-[13px]`}
          />
          <p
            id="line-hint"
            className={lineFault === undefined ? 'mt-1 text-muted text-xs' : 'mt-1 text-crit text-xs'}
          >
            {lineFault ??
              '{event} {severity} {what} {hosts} {since} {why} {todo} {resolution} {rule} {id} {url}'}
          </p>
        </div>
      </div>
    </details>
  );
}

/** Adds a channel of any kind; each asks for what it needs. */
export function NewChannel({ done }: { done: () => void }) {
  const [kind, setKind] = useState<ChannelKind>('webhook');
  const words = channelKindWords[kind];
  return (
    <FormDialog
      label="New channel…"
      title="New channel"
      description="It is told of what fires now, too. Secrets are not shown again."
      action="Add"
      send={(form) => send(kind, form)}
      done={done}
    >
      {(fields) => (
        <>
          <div>
            <label htmlFor="kind" className="mb-1 block font-medium">
              Kind
            </label>
            <select
              id="kind"
              value={kind}
              onChange={(event) => setKind(event.target.value as ChannelKind)}
              aria-describedby="kind-says"
              className="h-9 max-w-full rounded-md border border-line-strong bg-surface px-2"
            >
              {kinds.map((each) => (
                <option key={each} value={each}>
                  {channelKindWords[each].name}
                </option>
              ))}
            </select>
            <p id="kind-says" className="mt-1 text-muted text-xs">
              {words.says}
            </p>
          </div>
          <Field name="name" label="Name" required maxLength={100} error={fields['name']} />
          <Field
            key={`url-${kind}`}
            name="url"
            label={words.address}
            required={kind !== 'pagerduty'}
            autoComplete="off"
            spellCheck={false}
            placeholder={words.placeholder}
            error={fields['url']}
          />
          {kind === 'mail' ? <MailFields fields={fields} /> : null}
          {words.secret === null ? null : (
            <Field
              key={`secret-${kind}`}
              name="secret"
              label={words.secret.label}
              type="password"
              autoComplete="off"
              required={words.secret.isRequired === true}
              hint={words.secret.hint}
              error={fields['secret']}
            />
          )}
          {kind === 'heartbeat' ? null : (
            <div>
              <label htmlFor="severity" className="mb-1 block font-medium">
                Told of
              </label>
              <select
                id="severity"
                name="severity"
                className="h-9 max-w-full rounded-md border border-line-strong bg-surface px-2"
              >
                <option value="warning">every alert</option>
                <option value="critical">critical ones only</option>
              </select>
            </div>
          )}
          {words.isWorded ? <Templates fields={fields} /> : null}
        </>
      )}
    </FormDialog>
  );
}
