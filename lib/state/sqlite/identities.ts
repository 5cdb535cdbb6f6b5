import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from '../../sqlite/open-database.ts';
import type { IdentityRecord, Role, UserRecord } from '../state-store.ts';
import { optional, type Row, text } from './rows.ts';

const toIdentity = (row: Row): IdentityRecord => ({
  issuer: text(row, 'issuer'),
  subject: text(row, 'subject'),
  userId: text(row, 'user_id'),
  createdAt: text(row, 'created_at'),
});

export interface IdentityTable {
  getIdentity(issuer: string, subject: string): IdentityRecord | null;
  listIdentities(): readonly IdentityRecord[];
  addExternalUser(user: UserRecord, identity: IdentityRecord): boolean;
  changeExternalUser(id: string, change: { readonly name: string; readonly role: Role }): boolean;
  noteExternalUse(id: string, at: string): void;
}

/** Identities outside, by issuer and subject, and what they change of their users. */
export function createIdentityTable(db: DatabaseSync, addUser: (user: UserRecord) => boolean): IdentityTable {
  const sql = {
    identity: db.prepare('SELECT * FROM identities WHERE issuer = ? AND subject = ?'),
    identities: db.prepare('SELECT * FROM identities ORDER BY issuer, subject'),
    put: db.prepare(
      'INSERT OR REPLACE INTO identities (issuer, subject, user_id, created_at) VALUES (?, ?, ?, ?)',
    ),
    change: db.prepare(`UPDATE users SET name = ?1, role = ?2 WHERE id = ?3
      AND NOT EXISTS (SELECT 1 FROM users WHERE name = ?1 COLLATE NOCASE AND id <> ?3)`),
    seen: db.prepare('UPDATE users SET last_seen_at = ? WHERE id = ?'),
  };
  return {
    getIdentity: (issuer, subject) => optional(sql.identity.get(issuer, subject), toIdentity),
    listIdentities: () => sql.identities.all().map(toIdentity),
    addExternalUser: (user, { issuer, subject, userId, createdAt }) =>
      inTransaction(db, () => {
        if (!addUser(user)) return false;
        sql.put.run(issuer, subject, userId, createdAt);
        return true;
      }),
    changeExternalUser: (id, { name, role }) => sql.change.run(name, role, id).changes === 1,
    noteExternalUse: (id, at) => void sql.seen.run(at, id),
  };
}
