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
    taken: db.prepare('SELECT 1 FROM users WHERE name = ? COLLATE NOCASE AND id <> ?'),
    change: db.prepare('UPDATE users SET name = ?, role = ? WHERE id = ?'),
    // What somebody made is known by their name.
    renameInvitations: db.prepare(`UPDATE invitations SET created_by = 'user ' || ?1
      WHERE created_by = 'user ' || (SELECT name FROM users WHERE id = ?2)`),
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
    changeExternalUser: (id, { name, role }) =>
      inTransaction(db, () => {
        if (sql.taken.get(name, id) !== undefined) return false;
        sql.renameInvitations.run(name, id);
        return sql.change.run(name, role, id).changes === 1;
      }),
    noteExternalUse: (id, at) => void sql.seen.run(at, id),
  };
}
