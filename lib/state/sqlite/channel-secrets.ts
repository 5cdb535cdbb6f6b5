import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from '../../sqlite/open-database.ts';
import { type StateSecrets, unreadableAddress } from '../state-store.ts';
import { text, textOrNull } from './rows.ts';

const prefix = 'sealed:';

/** Addresses hold secrets too: the path of a chat's webhook, the token in a query. */
export interface ChannelSecrets {
  sealed(plain: string): string;
  opened(url: string, secret: string | null): { readonly url: string; readonly secret: string | null };
}

export function channelSecrets(given: StateSecrets | null): ChannelSecrets {
  const open = (kept: string): string => {
    if (!kept.startsWith(prefix)) return kept;
    if (given === null) throw new Error('there is no key for it');
    return given.open(kept.slice(prefix.length));
  };
  return {
    sealed: (plain) =>
      // What could not be opened is not sealed over: its key may come back.
      given === null || plain === unreadableAddress ? plain : prefix + given.seal(plain),
    opened(url, secret) {
      try {
        return { url: open(url), secret: secret === null ? null : open(secret) };
      } catch {
        // One channel is told of no more, and says so; the hub goes on.
        return { url: unreadableAddress, secret: null };
      }
    },
  };
}

/** Seals what an older gpufleet wrote as it is, and leaves no copy of it in the file's unused pages or its log. */
export function sealPlainChannels(db: DatabaseSync, secrets: ChannelSecrets): void {
  const isPlain = (value: string | null): value is string => value !== null && !value.startsWith(prefix);
  const plain = db
    .prepare('SELECT id, url, secret FROM channels')
    .all()
    .map((row) => ({ id: text(row, 'id'), url: text(row, 'url'), secret: textOrNull(row, 'secret') }))
    .filter(({ url, secret }) => isPlain(url) || isPlain(secret));
  if (plain.length === 0) return;
  const update = db.prepare('UPDATE channels SET url = ?, secret = ? WHERE id = ?');
  const seal = (value: string): string => (isPlain(value) ? secrets.sealed(value) : value);
  db.exec('PRAGMA secure_delete = ON');
  try {
    inTransaction(db, () => {
      for (const { id, url, secret } of plain)
        update.run(seal(url), secret === null ? null : seal(secret), id);
    });
    // What was deleted before may lie in pages that are free.
    db.exec('VACUUM');
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } finally {
    db.exec('PRAGMA secure_delete = OFF');
  }
}
