'use client';
import { useLayoutEffect, useMemo, useRef, useState } from 'react';

/** Keeps the order while the pointer is over the table or the focus in it: nothing re-sorts under a hand. */
export function useSteadyOrder<Row>(rows: readonly Row[], rowId: (row: Row) => string, sortKey: string) {
  const [held, setHeld] = useState(false);
  const order = useRef<{ key: string; ids: readonly string[] }>({ key: '', ids: [] });
  const steady = useMemo(() => {
    if (!held || order.current.key !== sortKey) return rows;
    const byId = new Map(rows.map((row) => [rowId(row), row]));
    const kept = order.current.ids.flatMap((id) => {
      const row = byId.get(id);
      byId.delete(id);
      return row === undefined ? [] : [row];
    });
    return [...kept, ...byId.values()];
  }, [held, rows, rowId, sortKey]);
  useLayoutEffect(() => {
    order.current = { key: sortKey, ids: steady.map(rowId) };
  }, [sortKey, steady, rowId]);
  const handlers = {
    onPointerEnter: () => setHeld(true),
    onPointerLeave: () => setHeld(false),
    onFocus: () => setHeld(true),
    onBlur: () => setHeld(false),
  };
  return { steady, handlers };
}
