'use client';
import { useId, useState } from 'react';
import type { FacetName, VersionsCell } from '../../lib/model/index.ts';
import { usePageFacts } from '../components/page-facts.client.tsx';
import { mayDo } from '../places.ts';
import { facetTitles } from './facet-words.ts';

interface Where {
  readonly group: string;
  readonly facet: FacetName;
}

async function send(method: 'PUT' | 'DELETE', query: string, body: object | null): Promise<string | null> {
  try {
    const answer = await fetch(`/api/v1/baselines${query}`, {
      method,
      signal: AbortSignal.timeout(10_000),
      ...(body === null
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (answer.ok) return null;
    const problem = (await answer.json().catch(() => null)) as {
      detail?: string;
      errors?: readonly { detail: string }[];
    } | null;
    return problem?.errors?.[0]?.detail ?? problem?.detail ?? `the hub answers ${answer.status}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Values of the group's hosts that are offered as the baseline. */
const mostOffered = 3;
const button = 'h-8 rounded-md border px-2.5 hover:bg-raised disabled:opacity-60';

/** Accepts, sets and clears a cell's baseline, for those who may. */
export function BaselineActions({
  where,
  cell,
  onChange,
}: {
  where: Where;
  cell: VersionsCell;
  onChange: () => void;
}) {
  const { role } = usePageFacts();
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [text, setText] = useState('');
  const listId = useId();
  const { baseline } = cell;
  if (baseline?.kind === 'declared')
    return (
      <p className="text-muted">
        Declared in the hub&rsquo;s fleet file, which wins over all others: change it there.
      </p>
    );
  if (!mayDo(role, 'operator'))
    return <p className="text-muted">An operator may accept or clear a baseline.</p>;
  const run = async (change: () => Promise<string | null>) => {
    setBusy(true);
    const failed = await change();
    setBusy(false);
    setProblem(failed);
    if (failed === null) {
      setText('');
      onChange();
    }
  };
  const others = cell.values
    .map(({ value }) => value)
    .filter((value) => value !== baseline?.value)
    .slice(0, mostOffered);
  const set = (value: string | null) => run(() => send('PUT', '', { ...where, value }));
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        {baseline?.kind === 'inferred' ? (
          <button
            type="button"
            disabled={isBusy}
            onClick={() => void set(null)}
            className={`${button} border-accent font-medium text-accent`}
          >
            Accept {baseline.value}
          </button>
        ) : null}
        {others.map((value) => (
          <button
            key={value}
            type="button"
            disabled={isBusy}
            onClick={() => void set(value)}
            className={`${button} max-w-full break-all border-line`}
          >
            Make {value} the baseline
          </button>
        ))}
        <form
          className="flex flex-wrap items-center gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            if (text.trim() !== '') void set(text.trim());
          }}
        >
          <input
            aria-label={`${facetTitles[where.facet]} that ${where.group} should have`}
            placeholder="another, or >=580 <590"
            list={listId}
            maxLength={128}
            value={text}
            onChange={(event) => setText(event.target.value)}
            className="h-8 w-44 rounded-md border border-line bg-surface px-2 font-mono text-[13px] placeholder:font-sans placeholder:text-faint"
          />
          <datalist id={listId}>
            {cell.values.map(({ value }) => (
              <option key={value} value={value} />
            ))}
          </datalist>
          <button type="submit" disabled={isBusy || text.trim() === ''} className={`${button} border-line`}>
            Set
          </button>
        </form>
        {baseline === null ? null : (
          <button
            type="button"
            disabled={isBusy}
            onClick={() => void run(() => send('DELETE', `?${new URLSearchParams({ ...where })}`, null))}
            className={`${button} border-line`}
          >
            Clear
          </button>
        )}
      </div>
      {problem === null ? null : (
        <p role="alert" className="text-crit">
          Not changed: {problem}
        </p>
      )}
      <p className="text-xs text-muted">
        A host that differs from an accepted baseline may alert. Cleared, it is inferred anew once at least 3
        hosts tell it and over 60&nbsp;% agree.
      </p>
    </div>
  );
}
