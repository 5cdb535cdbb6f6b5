import type { DatabaseSync } from 'node:sqlite';
import type { HistoryOwner } from '../history-store.ts';

/** Adds within a transaction; memory learns nothing of it unless `commit` is called after it. */
export interface OwnersStage {
  put(host: number, owner: HistoryOwner): void;
  commit(): void;
}

/** Who the tracks belong to, by host and key. */
export interface Owners {
  stage(): OwnersStage;
  find(host: number, key: string): HistoryOwner | null;
  /** Within a transaction: forgets those of whom no track is left. Call the result after the commit. */
  removeEnded(tracks: readonly { readonly host: number; readonly containerId: string | null }[]): () => void;
  /** Forgets, in memory alone, what was not told since the call before this one. */
  rotate(): void;
}

const nameOf = (host: number, key: string): string => `${host} ${key}`;

export function createOwners(db: DatabaseSync): Owners {
  /** What was written last, so that telling the same again writes nothing. */
  let recent = new Map<string, string>();
  let earlier = new Map<string, string>();
  const put = db.prepare('INSERT OR REPLACE INTO owners VALUES (?, ?, ?)');
  const get = db.prepare('SELECT data FROM owners WHERE host = ? AND owner_key = ?');
  const remove = db.prepare(
    `DELETE FROM owners WHERE host = ?1 AND owner_key = ?2
     AND NOT EXISTS (SELECT 1 FROM tracks WHERE container_id <> '' AND container_id = ?2 AND host = ?1)`,
  );
  return {
    stage() {
      const staged = new Map<string, string>();
      return {
        put(host, owner) {
          const name = nameOf(host, owner.key);
          const data = JSON.stringify(owner);
          if ((staged.get(name) ?? recent.get(name) ?? earlier.get(name)) !== data)
            put.run(host, owner.key, data);
          staged.set(name, data);
        },
        commit() {
          for (const [name, data] of staged) recent.set(name, data);
        },
      };
    },
    find(host, key) {
      const row = get.get(host, key);
      return row === undefined ? null : (JSON.parse(String(row['data'])) as HistoryOwner);
    },
    removeEnded(tracks) {
      const ended: string[] = [];
      for (const { host, containerId } of tracks)
        if (containerId !== null && remove.run(host, containerId).changes > 0)
          ended.push(nameOf(host, containerId));
      return () => {
        for (const name of ended) {
          recent.delete(name);
          earlier.delete(name);
        }
      };
    },
    rotate() {
      earlier = recent;
      recent = new Map();
    },
  };
}
