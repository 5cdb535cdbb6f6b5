import { type CompatData, compatData, withSiteRows } from '../../cuda-compat/index.ts';
import { noCompatRows, type SiteCompatRows } from '../../model/index.ts';

/** The tables with the rows of the fleet file as it is now; rows that do not fit are said once, and none of them counts. */
export function followTables(rows: () => SiteCompatRows, log: (line: string) => void): () => CompatData {
  let of: SiteCompatRows = noCompatRows;
  let data: CompatData = compatData;
  return () => {
    const now = rows();
    if (now === of) return data;
    of = now;
    const made = withSiteRows(compatData, now);
    data = made.ok ? made.data : compatData;
    if (!made.ok) log(`fleet file: compatibility: ${made.faults.join('; ')}; none of its rows counts`);
    return data;
  };
}
