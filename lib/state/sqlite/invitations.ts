import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from '../../sqlite/open-database.ts';
import { type InvitationRecord, roles, type UserRecord } from '../state-store.ts';
import { oneOf, optional, type Row, text, textOrNull } from './rows.ts';

/** So long after it expired, the page of an invitation can still say so. */
const keptMillis = 30 * 86_400_000;

const toInvitation = (row: Row): InvitationRecord => ({
  id: text(row, 'id'),
  tokenHash: text(row, 'token_hash'),
  name: textOrNull(row, 'name'),
  role: oneOf(row, 'role', roles),
  createdBy: text(row, 'created_by'),
  createdAt: text(row, 'created_at'),
  expiresAt: text(row, 'expires_at'),
  acceptedAt: textOrNull(row, 'accepted_at'),
});

export interface InvitationTable {
  putInvitation(invitation: InvitationRecord): void;
  getInvitation(tokenHash: string): InvitationRecord | null;
  listInvitations(now: string): readonly InvitationRecord[];
  acceptInvitation(tokenHash: string, user: UserRecord): 'done' | 'gone' | 'name-taken';
  removeInvitation(id: string): boolean;
  removeInvitationsBy(createdBy: string): number;
}

/** Invitations; the user of an accepted one is made in the same transaction by `addUser`. */
export function createInvitationTable(
  db: DatabaseSync,
  addUser: (user: UserRecord) => boolean,
): InvitationTable {
  const sql = {
    put: db.prepare(`INSERT INTO invitations
      (id, token_hash, name, role, created_by, created_at, expires_at, accepted_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`),
    get: db.prepare('SELECT * FROM invitations WHERE token_hash = ?'),
    list: db.prepare(`SELECT * FROM invitations WHERE accepted_at IS NULL AND expires_at > ?
      ORDER BY created_at DESC, id`),
    accept: db.prepare(`UPDATE invitations SET accepted_at = ?1
      WHERE token_hash = ?2 AND accepted_at IS NULL AND expires_at > ?1`),
    remove: db.prepare('DELETE FROM invitations WHERE id = ? AND accepted_at IS NULL'),
    removeBy: db.prepare('DELETE FROM invitations WHERE created_by = ? AND accepted_at IS NULL'),
    expire: db.prepare('DELETE FROM invitations WHERE expires_at < ?'),
  };
  return {
    putInvitation({ id, tokenHash, name, role, createdBy, createdAt, expiresAt, acceptedAt }) {
      sql.expire.run(new Date(Date.parse(createdAt) - keptMillis).toISOString());
      sql.put.run(id, tokenHash, name, role, createdBy, createdAt, expiresAt, acceptedAt);
    },
    getInvitation: (tokenHash) => optional(sql.get.get(tokenHash), toInvitation),
    listInvitations: (now) => sql.list.all(now).map(toInvitation),
    acceptInvitation: (tokenHash, user) => {
      const taken = new Error('name taken');
      try {
        return inTransaction(db, () => {
          if (sql.accept.run(user.createdAt, tokenHash).changes !== 1) return 'gone';
          if (!addUser(user)) throw taken;
          return 'done';
        });
      } catch (error) {
        if (error === taken) return 'name-taken';
        throw error;
      }
    },
    removeInvitation: (id) => sql.remove.run(id).changes === 1,
    removeInvitationsBy: (createdBy) => Number(sql.removeBy.run(createdBy).changes),
  };
}
