'use client';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import type { TokenView } from '../../lib/hub/people-views.ts';
import { buttonLook, Field, FormMessage } from '../components/form-parts.tsx';
import { Panel } from '../components/page-parts.tsx';
import { RoleSelect } from '../components/role-select.client.tsx';
import { type Refusal, sendChange } from '../components/send.client.ts';
import { ShownOnce } from '../components/shown-once.client.tsx';
import { formatExact } from '../format/index.ts';

interface NewToken {
  readonly secret: string;
  readonly expiresAt: string | null;
}

const kinds: readonly (readonly [TokenView['kind'], string])[] = [
  ['scrape', 'a Prometheus: reads /metrics'],
  ['api', 'a script: the API, with a role'],
  ['enroll', 'new hosts: enrols agents'],
];

const daySeconds = 86_400;
const lives: readonly (readonly [string, string])[] = [
  ['', 'until removed'],
  [String(daySeconds), '1 day'],
  [String(30 * daySeconds), '30 days'],
  [String(90 * daySeconds), '90 days'],
  [String(365 * daySeconds), '1 year'],
];

function Select(props: {
  readonly name: string;
  readonly label: string;
  readonly options: readonly (readonly [string, string])[];
  readonly onChange?: (value: string) => void;
}) {
  const { name, label, options, onChange } = props;
  return (
    <div>
      <label htmlFor={name} className="mb-1 block font-medium">
        {label}
      </label>
      <select
        id={name}
        name={name}
        onChange={(event) => onChange?.(event.target.value)}
        className={`${buttonLook.plain} h-9 w-full`}
      >
        {options.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}

function askOf(data: FormData): object {
  const kind = String(data.get('kind'));
  const life = Number(data.get('life') ?? 0);
  if (kind === 'enroll') return { kind, ...(life > 0 ? { lifeSeconds: life } : {}) };
  const named = { kind, name: data.get('name'), lifeSeconds: life > 0 ? life : null };
  return kind === 'api' ? { ...named, role: data.get('role') } : named;
}

/** Makes a token and shows its secret, once. */
export function NewTokenPanel() {
  const router = useRouter();
  const [kind, setKind] = useState<string>('scrape');
  const [made, setMade] = useState<NewToken | null>(null);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const send = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    setBusy(true);
    setRefusal(null);
    const sent = await sendChange<NewToken>('POST', '/api/v1/tokens', askOf(new FormData(form)));
    setBusy(false);
    if (!sent.ok) {
      setRefusal(sent.refusal);
      return;
    }
    form.reset();
    setKind('scrape');
    setMade(sent.value);
    router.refresh();
  };
  const choices = kind === 'enroll' ? [['', 'as the hub is set'] as const, ...lives.slice(1)] : lives;
  return (
    <Panel title="New token">
      <div className="grid gap-4 p-4">
        {made === null ? null : (
          <ShownOnce title="The new token" text={made.secret} close={() => setMade(null)}>
            It is shown only now; the hub keeps no more than its hash.{' '}
            {made.expiresAt === null
              ? 'It works until it is removed.'
              : `It works until ${formatExact(made.expiresAt)}.`}
          </ShownOnce>
        )}
        <form onSubmit={(event) => void send(event)} className="grid gap-4">
          <Select name="kind" label="For" options={kinds} onChange={setKind} />
          {kind === 'enroll' ? null : (
            <Field
              name="name"
              label="Name"
              autoComplete="off"
              maxLength={100}
              required
              hint="What uses it, so that it can be removed with that."
              error={refusal?.fields['name']}
            />
          )}
          {kind === 'api' ? <RoleSelect name="role" label="Role" /> : null}
          <Select name="life" label="Works" options={choices} />
          <FormMessage>{refusal?.detail ?? null}</FormMessage>
          <button type="submit" disabled={busy} className={buttonLook.main}>
            Make a token
          </button>
        </form>
      </div>
    </Panel>
  );
}
