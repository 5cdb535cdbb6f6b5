'use client';
import { useMemo } from 'react';

/** How many rows each group has; counted once for the rows, and not for each heading at each step of a scroll. */
export function useGroupSizes<Row>(
  rows: readonly Row[],
  groupOf: ((row: Row) => string) | null | undefined,
): ReadonlyMap<string, number> {
  return useMemo(() => {
    const sizes = new Map<string, number>();
    if (!groupOf) return sizes;
    for (const row of rows) {
      const group = groupOf(row);
      sizes.set(group, (sizes.get(group) ?? 0) + 1);
    }
    return sizes;
  }, [rows, groupOf]);
}

/** The row above the rows of a group. */
export function GroupHeading({ group, size, span }: { group: string; size: number; span: number }) {
  return (
    <tr>
      <th scope="colgroup" colSpan={span} className="bg-raised px-3 py-1 text-left font-medium">
        {group} <span className="font-normal text-muted">{size}</span>
      </th>
    </tr>
  );
}
