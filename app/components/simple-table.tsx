import clsx from 'clsx';
import type { ReactNode } from 'react';

export interface SimpleColumn {
  readonly header: string;
  readonly align?: 'right';
  readonly card?: 'title' | 'state' | 'labelled';
}

export interface SimpleRow {
  readonly key: string;
  readonly cells: readonly ReactNode[];
}

interface SimpleTableProps {
  readonly caption: string;
  readonly columns: readonly SimpleColumn[];
  readonly rows: readonly SimpleRow[];
}

/** A short table that needs no sorting; cards when narrow. */
export function SimpleTable({ caption, columns, rows }: SimpleTableProps) {
  return (
    <table className="cards w-full border-separate border-spacing-0 max-sm:block">
      <caption className="sr-only">{caption}</caption>
      <thead className="text-muted">
        <tr>
          {columns.map((column) => (
            <th
              key={column.header}
              scope="col"
              className={clsx(
                'h-8 whitespace-nowrap px-4 font-normal',
                column.align === 'right' ? 'text-right' : 'text-left',
              )}
            >
              {column.header}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.key} data-row={row.key} className="hover:bg-raised">
            {columns.map((column, index) => (
              <td
                key={column.header}
                data-card={column.card}
                data-label={column.header}
                className={clsx(
                  'border-t border-line px-4 py-2 align-top',
                  column.align === 'right' && 'text-right',
                )}
              >
                {row.cells[index]}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
