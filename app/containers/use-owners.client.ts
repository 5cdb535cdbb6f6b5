'use client';
import { startTransition, useEffect, useState } from 'react';
import type { OwnerRow, Page } from '../../lib/model/index.ts';

const pageSize = 1000;
/** More than a browser should hold: groups and labels choose among them. */
const mostOwners = 20_000;
const refreshMilliseconds = 5_000;
/** So many pages are asked for less often: one refresh is as many answers. */
const refreshManyMilliseconds = 15_000;
const deadlineMilliseconds = 15_000;

export interface Owners {
  readonly rows: readonly OwnerRow[];
  readonly total: number;
  /** False while only the first of them are there. */
  readonly isWhole: boolean;
  /** Why the last refresh gave nothing; null while it did. */
  readonly problem: string | null;
}

/** Chosen hosts as the API takes them. */
export interface HostChoice {
  readonly group: readonly string[];
  readonly label: readonly string[];
}

export function ownersQuery({ group, label }: HostChoice): URLSearchParams {
  const query = new URLSearchParams();
  for (const each of group) query.append('group', each);
  for (const each of label) query.append('label', each);
  return query;
}

async function loadAll(query: string, signal: AbortSignal): Promise<Pick<Owners, 'rows' | 'total'>> {
  const rows: OwnerRow[] = [];
  for (let cursor: string | null = ''; ; ) {
    const asked = new URLSearchParams(query);
    asked.set('limit', String(pageSize));
    if (cursor !== '') asked.set('cursor', cursor);
    const answer = await fetch(`/api/v1/owners?${asked}`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineMilliseconds)]),
    });
    if (!answer.ok) throw new Error(`the hub answered ${answer.status}`);
    const page = (await answer.json()) as Page<OwnerRow>;
    rows.push(...page.items);
    cursor = page.nextCursor;
    if (cursor === null || rows.length >= mostOwners) return { rows, total: page.total };
  }
}

/** Owners are not on the fleet topic, so the page asks for all of them, again and again while someone looks. */
export function useOwners(initial: Page<OwnerRow>, query: string): Owners {
  const [owners, setOwners] = useState<Owners>({
    rows: initial.items,
    total: initial.total,
    isWhole: initial.nextCursor === null,
    problem: null,
  });
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | null = null;
    const load = async (): Promise<number> => {
      if (document.visibilityState === 'hidden') return refreshMilliseconds;
      const { rows, total } = await loadAll(query, abort.signal);
      // Not urgent: a hand that scrolls or types goes first.
      startTransition(() => setOwners({ rows, total, isWhole: rows.length >= total, problem: null }));
      return rows.length > pageSize ? refreshManyMilliseconds : refreshMilliseconds;
    };
    const refresh = () => {
      load()
        .catch((error: unknown) => {
          const problem = error instanceof Error ? error.message : String(error);
          if (!abort.signal.aborted) setOwners((before) => ({ ...before, problem }));
          return refreshMilliseconds;
        })
        .then((wait) => {
          if (!abort.signal.aborted) timer = setTimeout(refresh, wait);
        });
    };
    refresh();
    return () => {
      abort.abort();
      if (timer !== null) clearTimeout(timer);
    };
  }, [query]);
  return owners;
}
