'use client';
import { type CSSProperties, useMemo } from 'react';

/** What an element of a table is by itself. Said where rows are laid out as grids, which some browsers take for no table. */
export const roleOf = (
  role: 'table' | 'rowgroup' | 'row' | 'columnheader' | 'cell',
  isGrid: boolean,
): { readonly role?: string } => (isGrid ? { role } : {});

/** For the class `grid-rows`: the widths of all columns. */
export const gridColumns = (columns: readonly { readonly widthPercent?: number }[]): CSSProperties => ({
  // A part of what there is, and never more for a long word.
  ['--columns' as string]: columns.map(({ widthPercent }) => `minmax(0, ${widthPercent}fr)`).join(' '),
});

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
export function GroupHeading({
  group,
  size,
  span,
  isGrid,
}: {
  group: string;
  size: number;
  span: number;
  isGrid: boolean;
}) {
  return (
    <tr {...roleOf('row', isGrid)}>
      <th scope="colgroup" colSpan={span} className="bg-raised px-3 py-1 text-left font-medium">
        {group} <span className="font-normal text-muted">{size}</span>
      </th>
    </tr>
  );
}
