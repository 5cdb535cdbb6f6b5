'use client';
import { useState } from 'react';
import type { HostSummary } from '../../lib/model/index.ts';
import { plural } from '../format/index.ts';
import { sendHostChange } from './change.client.ts';
import { LabelForm } from './label-form.client.tsx';

interface BulkLabelsProps {
  /** What the table shows now. */
  readonly shown: readonly HostSummary[];
  readonly chosen: ReadonlySet<string>;
  readonly choose: (ids: ReadonlySet<string>) => void;
  readonly knownKeys: readonly string[];
}

/** Labels that the hub gives to one of the chosen hosts, for removing them from all. */
function removableKeys(hosts: readonly HostSummary[], chosen: ReadonlySet<string>): readonly string[] {
  const labels = hosts.filter((host) => chosen.has(host.id)).flatMap((host) => host.labels);
  return [...new Set(labels.filter((label) => label.source === 'hub').map((label) => label.key))].sort();
}

function RemoveLabel({ keys, hosts }: { keys: readonly string[]; hosts: readonly string[] }) {
  const [problem, setProblem] = useState<string | null>(null);
  const remove = async (key: string) =>
    setProblem(await sendHostChange('PUT', '/api/v1/labels', { hosts, remove: [key] }));
  return (
    <p className="flex flex-wrap gap-x-3">
      <span className="text-muted">Remove what this hub set:</span>
      {keys.map((key) => (
        <button
          key={key}
          type="button"
          onClick={() => void remove(key)}
          className="text-accent hover:underline"
        >
          {key}
        </button>
      ))}
      {problem === null ? null : (
        <span role="alert" className="w-full text-crit">
          {problem}
        </span>
      )}
    </p>
  );
}

/** Sets a label of several hosts at once: of all of them or of none. */
export function BulkLabels({ shown, chosen, choose, knownKeys }: BulkLabelsProps) {
  const [said, setSaid] = useState('');
  const ids = [...chosen];
  const keys = removableKeys(shown, chosen);
  return (
    <section
      aria-label="Labels of the chosen hosts"
      className="mb-3 grid gap-2 rounded-lg border border-line bg-surface px-4 py-3"
    >
      <p className="flex flex-wrap items-baseline gap-x-3">
        <span className="font-medium">{plural(ids.length, 'host')} chosen</span>
        <button
          type="button"
          onClick={() => choose(new Set(shown.map((host) => host.id)))}
          className="text-accent hover:underline"
        >
          Choose all {shown.length} shown
        </button>
        {ids.length === 0 ? null : (
          <button type="button" onClick={() => choose(new Set())} className="text-accent hover:underline">
            Choose none
          </button>
        )}
      </p>
      {ids.length === 0 ? (
        <p className="text-muted">Tick hosts in the table. The label group puts them into a group.</p>
      ) : (
        <>
          <LabelForm
            hosts={ids}
            knownKeys={knownKeys}
            onDone={(words) => setSaid(`${plural(ids.length, 'host')}: ${words}`)}
          />
          {keys.length === 0 ? null : <RemoveLabel keys={keys} hosts={ids} />}
        </>
      )}
      <p role="status" className="text-muted">
        {said}
      </p>
    </section>
  );
}
