'use client';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useLayoutEffect, useRef, useState } from 'react';

const guessedRowPixels = 36;
const virtualFrom = 150;

/** The usual height of the rows that are there; null: none is. */
function usualRowPixels(body: HTMLElement): number | null {
  const heights = [...body.querySelectorAll<HTMLElement>('tr[data-row]')].map((row) => row.offsetHeight);
  return heights.sort((a, b) => a - b)[Math.floor(heights.length / 2)] ?? null;
}

/** Rows in view of a long list, with the height of what is left out above and below. */
export function useWindowRows(count: number) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [top, setTop] = useState(0);
  const [rowPixels, setRowPixels] = useState(guessedRowPixels);
  const isWindowed = count >= virtualFrom;
  useLayoutEffect(() => {
    if (body.current === null || !isWindowed) return;
    setTop(body.current.getBoundingClientRect().top + scrollY);
    setRowPixels((known) => (body.current === null ? null : usualRowPixels(body.current)) ?? known);
  }, [isWindowed]);
  const virtualizer = useWindowVirtualizer<HTMLTableRowElement>({
    count,
    // Near to the truth, or each row that comes into view moves all below it and is drawn twice.
    estimateSize: () => rowPixels,
    // Another function for another estimate: the virtualizer counts anew then, and keeps what it measured.
    // biome-ignore lint/correctness/useExhaustiveDependencies: see above
    getItemKey: useCallback((index: number) => index, [rowPixels]),
    overscan: 8,
    // Rendered in a task of its own, so that the one of the scroll stays short.
    useFlushSync: false,
    scrollMargin: top,
    enabled: isWindowed,
    initialRect: { width: 1280, height: 1600 },
  });
  if (!isWindowed) return { body, from: 0, to: count, before: 0, after: 0, measure: undefined };
  const items = virtualizer.getVirtualItems();
  const first = items[0];
  const last = items.at(-1);
  return {
    body,
    from: first?.index ?? 0,
    to: (last?.index ?? -1) + 1,
    before: (first?.start ?? top) - top,
    after: virtualizer.getTotalSize() - ((last?.end ?? top) - top),
    measure: virtualizer.measureElement,
  };
}
