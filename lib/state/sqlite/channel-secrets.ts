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

/** Row of the settings that says that what was sealed may still lie in unused pages. */
const scrubSetting = 'channels-scrub';

/** Seals what an older gpufleet wrote as it is, and leaves no copy of it in the file's unused pages or its log. */
export function sealPlainChannels(db: DatabaseSync, secrets: ChannelSecrets): void {
  const isPlain = (value: string | null): value is string => value !== null && !value.startsWith(prefix);
  const plain = db
    .prepare('SELECT id, url, secret FROM channels')
    .all()
    .map((row) => ({ id: text(row, 'id'), url: text(row, 'url'), secret: textOrNull(row, 'secret') }))
    .filter(({ url, secret }) => isPlain(url) || isPlain(secret));
  const seal = (value: string): string => (isPlain(value) ? secrets.sealed(value) : value);
  if (plain.length > 0) {
    const update = db.prepare('UPDATE channels SET url = ?, secret = ? WHERE id = ?');
    inTransaction(db, () => {
      for (const { id, url, secret } of plain)
        update.run(seal(url), secret === null ? null : seal(secret), id);
      db.prepare("INSERT OR REPLACE INTO settings VALUES (?, 'wanted')").run(scrubSetting);
    });
  }
  if (db.prepare('SELECT 1 FROM settings WHERE key = ?').get(scrubSetting) !== undefined) scrub(db);
}

/** Rewrites the file. Where that cannot be now (a full disk, a command that reads), the next start does it. */
function scrub(db: DatabaseSync): void {
  try {
    db.exec('VACUUM');
    const isBusy = db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy'] !== 0;
    if (!isBusy) db.prepare('DELETE FROM settings WHERE key = ?').run(scrubSetting);
  } catch {
    // The hub is not kept from starting by it.
  }
}
