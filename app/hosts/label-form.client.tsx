'use client';
import { type FormEvent, useId, useState } from 'react';
import { labelKeyFault, labelValueFault } from '../../lib/model/index.ts';
import { sendHostChange } from './change.client.ts';

interface LabelFormProps {
  /** Ids of the hosts that get the label. */
  readonly hosts: readonly string[];
  /** What stands in the fields at first. */
  readonly initial?: { readonly key: string; readonly value: string };
  /** Keys that the fleet may know, offered while typing. */
  readonly knownKeys: readonly string[];
  readonly onDone?: (words: string) => void;
}

const fieldClass =
  'h-8 w-44 max-w-full rounded-md border border-line bg-surface px-2.5 placeholder:text-faint';

/** Sets one label of one host or of many. */
export function LabelForm({ hosts, initial, knownKeys, onDone }: LabelFormProps) {
  const listId = useId();
  const [key, setKey] = useState(initial?.key ?? '');
  const [value, setValue] = useState(initial?.value ?? '');
  const [problem, setProblem] = useState<string | null>(null);
  const [pending, setPending] = useState(false);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    const keyFault = labelKeyFault(key);
    const valueFault = labelValueFault(value);
    if (keyFault !== null || valueFault !== null) {
      setProblem(keyFault === null ? `The value ${valueFault}.` : `The label ${keyFault}.`);
      return;
    }
    setPending(true);
    const refused = await sendHostChange('PUT', '/api/v1/labels', { hosts, set: { [key]: value } });
    setPending(false);
    setProblem(refused);
    if (refused !== null) return;
    setKey('');
    setValue('');
    onDone?.(`${key}=${value} is set.`);
  };
  return (
    <form onSubmit={(event) => void send(event)} className="flex flex-wrap items-center gap-2">
      <input
        aria-label="Label"
        placeholder="rack"
        value={key}
        list={listId}
        autoComplete="off"
        onChange={(event) => setKey(event.target.value.trim())}
        className={fieldClass}
      />
      <datalist id={listId}>
        {knownKeys.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
      <span className="text-muted" aria-hidden>
        =
      </span>
      <input
        aria-label="Value"
        placeholder="a1"
        value={value}
        autoComplete="off"
        onChange={(event) => setValue(event.target.value)}
        className={fieldClass}
      />
      <button
        type="submit"
        disabled={pending || key === ''}
        className="h-8 rounded-md bg-accent px-3 font-medium text-accent-text disabled:opacity-60"
      >
        Set label
      </button>
      {problem === null ? null : (
        <p role="alert" className="w-full text-crit">
          {problem}
        </p>
      )}
    </form>
  );
}
