import { Skeleton } from './page-parts.tsx';

const rows = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

/** The frame of a page with a table: title, filter, rows. */
export function TableSkeleton() {
  return (
    <div role="status">
      <span className="sr-only">Loading</span>
      <Skeleton className="mb-3 mt-5 h-6 w-32" />
      <Skeleton className="mb-3 h-8 w-64" />
      <div className="rounded-lg border border-line bg-surface p-3">
        {rows.map((row) => (
          <Skeleton key={row} className="mb-2 h-7 last:mb-0" />
        ))}
      </div>
    </div>
  );
}
