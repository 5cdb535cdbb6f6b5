import type { DatabaseSync } from 'node:sqlite';
import { type LoginLinkRecord, roles, type SessionRecord, type UserRecord } from '../state-store.ts';
import { oneOf, type Row, text } from './rows.ts';

const toUser = (row: Row): UserRecord => ({
  id: text(row, 'id'),
  name: text(row, 'name'),
  role: oneOf(row, 'role', roles),
  createdAt: text(row, 'created_at'),
});

const toSession = (row: Row): SessionRecord => ({
  tokenHash: text(row, 'token_hash'),
  userId: text(row, 'user_id'),
  createdAt: text(row, 'created_at'),
  expiresAt: text(row, 'expires_at'),
  lastSeenAt: text(row, 'last_seen_at'),
});

const toLoginLink = (row: Row): LoginLinkRecord => ({
  tokenHash: text(row, 'token_hash'),
  userId: text(row, 'user_id'),
  expiresAt: text(row, 'expires_at'),
});

export interface PeopleTables {
  listUsers(): readonly UserRecord[];
  getUser(id: string): UserRecord | null;
  putUser(user: UserRecord): void;
  putSession(session: SessionRecord): void;
  getSession(tokenHash: string): SessionRecord | null;
  removeSession(tokenHash: string): void;
  putLoginLink(link: LoginLinkRecord): void;
  hasLoginLink(tokenHash: string, now: string): boolean;
  takeLoginLink(tokenHash: string, now: string): LoginLinkRecord | null;
}

/** Users and how they sign in. Expired sessions go when one is written, expired links when one is. */
export function createPeopleTables(db: DatabaseSync): PeopleTables {
  const sql = {
    users: db.prepare('SELECT * FROM users ORDER BY name'),
    user: db.prepare('SELECT * FROM users WHERE id = ?'),
    putUser: db.prepare(`INSERT INTO users VALUES (?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET name = excluded.name, role = excluded.role, created_at = excluded.created_at`),
    putSession: db.prepare('INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?, ?)'),
    session: db.prepare('SELECT * FROM sessions WHERE token_hash = ?'),
    removeSession: db.prepare('DELETE FROM sessions WHERE token_hash = ?'),
    expireSessions: db.prepare('DELETE FROM sessions WHERE expires_at < ?'),
    putLink: db.prepare('INSERT OR REPLACE INTO login_links VALUES (?, ?, ?)'),
    hasLink: db.prepare('SELECT 1 FROM login_links WHERE token_hash = ? AND expires_at > ?'),
    takeLink: db.prepare('DELETE FROM login_links WHERE token_hash = ? RETURNING *'),
    expireLinks: db.prepare('DELETE FROM login_links WHERE expires_at < ?'),
  };
  return {
    listUsers: () => sql.users.all().map(toUser),
    getUser: (id) => optional(sql.user.get(id), toUser),
    putUser: (user) => void sql.putUser.run(user.id, user.name, user.role, user.createdAt),
    putSession({ tokenHash, userId, createdAt, expiresAt, lastSeenAt }) {
      sql.expireSessions.run(lastSeenAt);
      sql.putSession.run(tokenHash, userId, createdAt, expiresAt, lastSeenAt);
    },
    getSession: (tokenHash) => optional(sql.session.get(tokenHash), toSession),
    removeSession: (tokenHash) => void sql.removeSession.run(tokenHash),
    putLoginLink: (link) => void sql.putLink.run(link.tokenHash, link.userId, link.expiresAt),
    hasLoginLink: (tokenHash, now) => sql.hasLink.get(tokenHash, now) !== undefined,
    takeLoginLink(tokenHash, now) {
      const link = optional(sql.takeLink.get(tokenHash), toLoginLink);
      sql.expireLinks.run(now);
      return link !== null && link.expiresAt > now ? link : null;
    },
  };
}

export function optional<T>(row: Row | undefined, read: (row: Row) => T): T | null {
  return row === undefined ? null : read(row);
}
