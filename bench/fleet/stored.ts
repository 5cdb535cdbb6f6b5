import { DatabaseSync } from 'node:sqlite';
import { createRawSegments } from '../../lib/history/sqlite/raw-segments.ts';

export interface StoredCheck {
  readonly acknowledged: number;
  readonly stored: number;
  /** Acknowledged and not in history. */
  readonly lost: number;
  /** In history more than once. */
  readonly repeated: number;
}

/** Whether each acknowledged report is once in the history of a hub that has stopped. */
export function checkStored(file: string, acknowledged: ReadonlyMap<string, readonly number[]>): StoredCheck {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const names = new Map(
      db
        .prepare('SELECT id, host_id FROM hosts')
        .all()
        .map((row) => [row['id'], String(row['host_id'])]),
    );
    const stored = new Map<string, Set<number>>();
    let rows = 0;
    let repeated = 0;
    createRawSegments(db, 0).eachAfter(0, ({ host, sequence }) => {
      const name = names.get(host) ?? '';
      const sequences = stored.get(name) ?? new Set();
      if (sequences.has(sequence)) repeated += 1;
      stored.set(name, sequences.add(sequence));
      rows += 1;
    });
    let lost = 0;
    let total = 0;
    for (const [host, sequences] of acknowledged)
      for (const sequence of sequences) {
        total += 1;
        if (stored.get(host)?.has(sequence) !== true) lost += 1;
      }
    return { acknowledged: total, stored: rows, lost, repeated };
  } finally {
    db.close();
  }
}
