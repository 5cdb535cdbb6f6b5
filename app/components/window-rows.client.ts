'use client';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState } from 'react';

const rowHeightPixels = 36;
const virtualFrom = 150;

/** Rows in view of a long list, with the height of what is left out above and below. */
export function useWindowRows(count: number) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    if (body.current !== null) setTop(body.current.getBoundingClientRect().top + scrollY);
  }, []);
  const virtualizer = useWindowVirtualizer<HTMLTableRowElement>({
    count,
    estimateSize: () => rowHeightPixels,
    overscan: 12,
    // Rendered in a task of its own, so that the one of the scroll stays short.
    useFlushSync: false,
    scrollMargin: top,
    enabled: count >= virtualFrom,
    initialRect: { width: 1280, height: 1600 },
  });
  if (count < virtualFrom) return { body, from: 0, to: count, before: 0, after: 0, measure: undefined };
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
