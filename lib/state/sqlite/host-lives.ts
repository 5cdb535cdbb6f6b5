import type { DatabaseSync } from 'node:sqlite';
import { claimKinds, type FormerName } from '../../model/index.ts';
import type { KeptClaim, RetiredCredential } from '../state-store.ts';
import { oneOf, type Row, text, textOrNull, whole } from './rows.ts';

const mostClaims = 200;
const mostRetired = 5000;
const mostNames = 20;
const mostPairs = 2000;

const toClaim = (row: Row): KeptClaim => ({
  id: text(row, 'id'),
  kind: oneOf(row, 'kind', claimKinds),
  hostId: textOrNull(row, 'host_id'),
  hostname: textOrNull(row, 'hostname'),
  peer: text(row, 'peer'),
  firstAt: text(row, 'first_at'),
  lastAt: text(row, 'last_at'),
  count: whole(row, 'count'),
  dismissedAt: textOrNull(row, 'dismissed_at'),
});

/** Who hosts were, and who wants to be one. */
export function createHostLivesTables(db: DatabaseSync) {
  const sql = {
    claims: db.prepare('SELECT * FROM host_claims ORDER BY last_at DESC, id'),
    putClaim:
      db.prepare(`INSERT INTO host_claims VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
      host_id = excluded.host_id, hostname = excluded.hostname, last_at = excluded.last_at, count = excluded.count,
      dismissed_at = excluded.dismissed_at`),
    trimClaims: db.prepare(
      'DELETE FROM host_claims WHERE id NOT IN (SELECT id FROM host_claims ORDER BY last_at DESC LIMIT ?)',
    ),
    removeClaim: db.prepare('DELETE FROM host_claims WHERE id = ?'),
    retire: db.prepare('INSERT OR REPLACE INTO retired_credentials VALUES (?, ?, ?, ?)'),
    trimRetired: db.prepare(
      'DELETE FROM retired_credentials WHERE hash NOT IN (SELECT hash FROM retired_credentials ORDER BY at DESC LIMIT ?)',
    ),
    retired: db.prepare('SELECT * FROM retired_credentials WHERE hash = ?'),
    names: db.prepare('SELECT * FROM former_names WHERE host_id = ? ORDER BY until DESC LIMIT ?'),
    addName: db.prepare('INSERT OR REPLACE INTO former_names VALUES (?, ?, ?)'),
    trimNames: db.prepare(`DELETE FROM former_names WHERE host_id = ?1 AND until NOT IN
      (SELECT until FROM former_names WHERE host_id = ?1 ORDER BY until DESC LIMIT ?2)`),
    pairs: db.prepare('SELECT pair FROM kept_pairs ORDER BY rowid DESC LIMIT ?'),
    keepPair: db.prepare('INSERT OR IGNORE INTO kept_pairs VALUES (?)'),
  };
  return {
    listClaims: () => sql.claims.all().map(toClaim),
    putClaim(claim: KeptClaim): void {
      const { id, kind, hostId, hostname, peer, firstAt, lastAt, count, dismissedAt } = claim;
      sql.putClaim.run(id, kind, hostId, hostname, peer, firstAt, lastAt, count, dismissedAt);
      sql.trimClaims.run(mostClaims);
    },
    removeClaim: (id: string): void => void sql.removeClaim.run(id),
    retireCredential({ hash, hostId, hostname, at }: RetiredCredential): void {
      sql.retire.run(hash, hostId, hostname, at);
      sql.trimRetired.run(mostRetired);
    },
    findRetiredCredential(hash: string): RetiredCredential | null {
      const row = sql.retired.get(hash);
      if (row === undefined) return null;
      return {
        hash,
        hostId: text(row, 'host_id'),
        hostname: text(row, 'hostname'),
        at: text(row, 'at'),
      };
    },
    listFormerNames: (hostId: string): readonly FormerName[] =>
      sql.names
        .all(hostId, mostNames)
        .map((row) => ({ hostname: text(row, 'hostname'), until: text(row, 'until') })),
    addFormerName(hostId: string, { hostname, until }: FormerName): void {
      sql.addName.run(hostId, until, hostname);
      sql.trimNames.run(hostId, mostNames);
    },
    listKeptPairs: () => sql.pairs.all(mostPairs).map((row) => text(row, 'pair')),
    keepPair: (pair: string): void => void sql.keepPair.run(pair),
  };
}
