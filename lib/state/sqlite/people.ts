import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from '../../sqlite/open-database.ts';
import {
  type LoginLinkRecord,
  roles,
  type SessionRecord,
  sessionBeginnings,
  type UserChange,
  type UserOutcome,
  type UserRecord,
} from '../state-store.ts';
import { oneOf, optional, type Row, text, textOrNull, whole } from './rows.ts';

const toUser = (row: Row): UserRecord => ({
  id: text(row, 'id'),
  name: text(row, 'name'),
  role: oneOf(row, 'role', roles),
  createdAt: text(row, 'created_at'),
  passwordHash: textOrNull(row, 'password_hash'),
  disabledAt: textOrNull(row, 'disabled_at'),
  lastSeenAt: textOrNull(row, 'last_seen_at'),
});

const toSession = (row: Row): SessionRecord => ({
  id: text(row, 'id'),
  tokenHash: text(row, 'token_hash'),
  userId: text(row, 'user_id'),
  how: oneOf(row, 'how', sessionBeginnings),
  peer: text(row, 'peer'),
  userAgent: text(row, 'user_agent'),
  createdAt: text(row, 'created_at'),
  expiresAt: text(row, 'expires_at'),
  lastSeenAt: text(row, 'last_seen_at'),
});

const toLoginLink = (row: Row): LoginLinkRecord => ({
  tokenHash: text(row, 'token_hash'),
  userId: text(row, 'user_id'),
  expiresAt: text(row, 'expires_at'),
});

export interface UserTable {
  listUsers(): readonly UserRecord[];
  getUser(id: string): UserRecord | null;
  findUser(name: string): UserRecord | null;
  addUser(user: UserRecord): boolean;
  changeUser(id: string, change: UserChange): UserOutcome;
  removeUser(id: string): UserOutcome;
}

/** Users. No change leaves the hub without an administrator who may sign in. */
export function createUserTable(db: DatabaseSync): UserTable {
  const sql = {
    users: db.prepare('SELECT * FROM users ORDER BY name COLLATE NOCASE'),
    user: db.prepare('SELECT * FROM users WHERE id = ?'),
    byName: db.prepare('SELECT * FROM users WHERE name = ? COLLATE NOCASE'),
    add: db.prepare(`INSERT OR IGNORE INTO users
      (id, name, role, created_at, password_hash, disabled_at, last_seen_at) VALUES (?, ?, ?, ?, ?, ?, ?)`),
    change: db.prepare('UPDATE users SET role = ?, password_hash = ?, disabled_at = ? WHERE id = ?'),
    remove: db.prepare('DELETE FROM users WHERE id = ?'),
    removeSessions: db.prepare('DELETE FROM sessions WHERE user_id = ?'),
    removeLinks: db.prepare('DELETE FROM login_links WHERE user_id = ?'),
    admins: db.prepare("SELECT count(*) AS n FROM users WHERE role = 'admin' AND disabled_at IS NULL"),
  };
  const admins = (): number => whole(sql.admins.get() ?? {}, 'n');
  const lockOut = (id: string): void => {
    sql.removeSessions.run(id);
    sql.removeLinks.run(id);
  };
  /** In one transaction, undone when it takes the last administrator. */
  const guarded = (id: string, work: (user: UserRecord) => void): UserOutcome => {
    const undo = new Error('last administrator');
    try {
      return inTransaction(db, () => {
        const user = optional(sql.user.get(id), toUser);
        if (user === null) return 'no-such-user';
        const before = admins();
        work(user);
        if (before > 0 && admins() === 0) throw undo;
        return 'done';
      });
    } catch (error) {
      if (error === undo) return 'last-admin';
      throw error;
    }
  };
  return {
    listUsers: () => sql.users.all().map(toUser),
    getUser: (id) => optional(sql.user.get(id), toUser),
    findUser: (name) => optional(sql.byName.get(name), toUser),
    addUser({ id, name, role, createdAt, passwordHash, disabledAt, lastSeenAt }) {
      return sql.add.run(id, name, role, createdAt, passwordHash, disabledAt, lastSeenAt).changes === 1;
    },
    changeUser: (id, change) =>
      guarded(id, (user) => {
        const { role, passwordHash, disabledAt } = { ...user, ...change };
        sql.change.run(role, passwordHash, disabledAt, id);
        if (disabledAt !== null) lockOut(id);
      }),
    removeUser: (id) =>
      guarded(id, () => {
        sql.remove.run(id);
        lockOut(id);
      }),
  };
}

export interface SessionTable {
  putSession(session: SessionRecord): void;
  getSession(tokenHash: string): SessionRecord | null;
  listSessions(userId: string | null, now: string): readonly SessionRecord[];
  touchSession(tokenHash: string, use: Pick<SessionRecord, 'lastSeenAt' | 'expiresAt'>): void;
  removeSession(tokenHash: string): void;
  removeSessions(userId: string, keptId: string | null): number;
  putLoginLink(link: LoginLinkRecord): void;
  peekLoginLink(tokenHash: string, now: string): LoginLinkRecord | null;
  takeLoginLink(tokenHash: string, now: string): LoginLinkRecord | null;
}

/** Of one user; a script that signs in anew each time ends its own oldest ones. */
const mostSessions = 100;

/** Sessions and login links. Expired sessions go when one is written, expired links when one is used. */
export function createSessionTable(db: DatabaseSync): SessionTable {
  const sql = {
    put: db.prepare(`INSERT OR REPLACE INTO sessions
      (id, token_hash, user_id, how, peer, user_agent, created_at, expires_at, last_seen_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    get: db.prepare('SELECT * FROM sessions WHERE token_hash = ?'),
    list: db.prepare(`SELECT * FROM sessions WHERE expires_at > ?1 AND (?2 IS NULL OR user_id = ?2)
      ORDER BY created_at DESC, id`),
    touch: db.prepare('UPDATE sessions SET last_seen_at = ?, expires_at = ? WHERE token_hash = ?'),
    seen: db.prepare(`UPDATE users SET last_seen_at = ?1 WHERE id = (SELECT user_id FROM sessions
      WHERE token_hash = ?2)`),
    remove: db.prepare('DELETE FROM sessions WHERE token_hash = ?'),
    removeOf: db.prepare('DELETE FROM sessions WHERE user_id = ?1 AND (?2 IS NULL OR id <> ?2)'),
    expire: db.prepare('DELETE FROM sessions WHERE expires_at < ?'),
    drop: db.prepare(`DELETE FROM sessions WHERE user_id = ?1 AND id NOT IN (SELECT id FROM sessions
      WHERE user_id = ?1 ORDER BY last_seen_at DESC, created_at DESC LIMIT ${mostSessions})`),
    putLink: db.prepare('INSERT OR REPLACE INTO login_links VALUES (?, ?, ?)'),
    link: db.prepare('SELECT * FROM login_links WHERE token_hash = ? AND expires_at > ?'),
    takeLink: db.prepare('DELETE FROM login_links WHERE token_hash = ? RETURNING *'),
    removeLinks: db.prepare('DELETE FROM login_links WHERE user_id = ?'),
    expireLinks: db.prepare('DELETE FROM login_links WHERE expires_at < ?'),
  };
  return {
    putSession(session) {
      const { id, tokenHash, userId, how, peer, userAgent, createdAt, expiresAt, lastSeenAt } = session;
      sql.expire.run(lastSeenAt);
      sql.put.run(id, tokenHash, userId, how, peer, userAgent, createdAt, expiresAt, lastSeenAt);
      sql.drop.run(userId);
      sql.seen.run(lastSeenAt, tokenHash);
    },
    getSession: (tokenHash) => optional(sql.get.get(tokenHash), toSession),
    listSessions: (userId, now) => sql.list.all(now, userId).map(toSession),
    touchSession(tokenHash, { lastSeenAt, expiresAt }) {
      sql.touch.run(lastSeenAt, expiresAt, tokenHash);
      sql.seen.run(lastSeenAt, tokenHash);
    },
    removeSession: (tokenHash) => void sql.remove.run(tokenHash),
    removeSessions(userId, keptId) {
      sql.removeLinks.run(userId);
      return Number(sql.removeOf.run(userId, keptId).changes);
    },
    putLoginLink: (link) => void sql.putLink.run(link.tokenHash, link.userId, link.expiresAt),
    peekLoginLink: (tokenHash, now) => optional(sql.link.get(tokenHash, now), toLoginLink),
    takeLoginLink(tokenHash, now) {
      const link = optional(sql.takeLink.get(tokenHash), toLoginLink);
      sql.expireLinks.run(now);
      return link !== null && link.expiresAt > now ? link : null;
    },
  };
}
