'use client';
import { useEffect, useRef } from 'react';
import type { SearchAction } from './actions.ts';

const offered = new Map<string, SearchAction>();

/** Actions of what is on the page now. */
export const offeredActions = (): readonly SearchAction[] => [...offered.values()];

/** Offers an action in search while the component is there; null offers none. */
export function useSearchAction(action: SearchAction | null): void {
  const latest = useRef(action);
  useEffect(() => {
    latest.current = action;
  });
  const { id, label, detail, role } = action ?? {};
  useEffect(() => {
    if (id === undefined || label === undefined || detail === undefined || role === undefined) return;
    const entry: SearchAction = { id, label, detail, role, run: () => latest.current?.run() };
    offered.set(id, entry);
    return () => {
      if (offered.get(id) === entry) offered.delete(id);
    };
  }, [id, label, detail, role]);
}
