import type { DatabaseSync } from 'node:sqlite';
import { type ApiTokenRecord, type EnrollmentTokenRecord, roles } from '../state-store.ts';
import { labels, oneOf, optional, type Row, text, textOrNull } from './rows.ts';

const toEnrollmentToken = (row: Row): EnrollmentTokenRecord => ({
  tokenHash: text(row, 'token_hash'),
  createdAt: text(row, 'created_at'),
  expiresAt: text(row, 'expires_at'),
  createdBy: text(row, 'created_by'),
  labels: labels(row, 'labels'),
});

const toApiToken = (row: Row): ApiTokenRecord => ({
  tokenHash: text(row, 'token_hash'),
  name: text(row, 'name'),
  kind: oneOf(row, 'kind', ['api', 'scrape']),
  role: oneOf(row, 'role', roles),
  createdAt: text(row, 'created_at'),
  expiresAt: textOrNull(row, 'expires_at'),
  createdBy: text(row, 'created_by'),
  lastUsedAt: textOrNull(row, 'last_used_at'),
});

export interface TokenTables {
  putEnrollmentToken(token: EnrollmentTokenRecord): void;
  getEnrollmentToken(tokenHash: string): EnrollmentTokenRecord | null;
  listEnrollmentTokens(): readonly EnrollmentTokenRecord[];
  removeEnrollmentToken(tokenHash: string): void;
  putApiToken(token: ApiTokenRecord): void;
  getApiToken(tokenHash: string): ApiTokenRecord | null;
  listApiTokens(): readonly ApiTokenRecord[];
  removeApiToken(tokenHash: string): void;
  touchApiToken(tokenHash: string, lastUsedAt: string): void;
}

/** Tokens of machines. Enrolment tokens that expired go when one is written. */
export function createTokenTables(db: DatabaseSync): TokenTables {
  const sql = {
    putEnrollment: db.prepare('INSERT OR REPLACE INTO enrollment_tokens VALUES (?, ?, ?, ?, ?)'),
    enrollment: db.prepare('SELECT * FROM enrollment_tokens WHERE token_hash = ?'),
    enrollments: db.prepare('SELECT * FROM enrollment_tokens ORDER BY created_at, token_hash'),
    removeEnrollment: db.prepare('DELETE FROM enrollment_tokens WHERE token_hash = ?'),
    expireEnrollment: db.prepare('DELETE FROM enrollment_tokens WHERE expires_at < ?'),
    putApi: db.prepare('INSERT OR REPLACE INTO api_tokens VALUES (?, ?, ?, ?, ?, ?, ?, ?)'),
    api: db.prepare('SELECT * FROM api_tokens WHERE token_hash = ?'),
    apis: db.prepare('SELECT * FROM api_tokens ORDER BY created_at, token_hash'),
    removeApi: db.prepare('DELETE FROM api_tokens WHERE token_hash = ?'),
    touchApi: db.prepare('UPDATE api_tokens SET last_used_at = ? WHERE token_hash = ?'),
  };
  return {
    putEnrollmentToken({ tokenHash, createdAt, expiresAt, createdBy, labels: allowed }) {
      sql.expireEnrollment.run(createdAt);
      sql.putEnrollment.run(tokenHash, createdAt, expiresAt, createdBy, JSON.stringify(allowed));
    },
    getEnrollmentToken: (tokenHash) => optional(sql.enrollment.get(tokenHash), toEnrollmentToken),
    listEnrollmentTokens: () => sql.enrollments.all().map(toEnrollmentToken),
    removeEnrollmentToken: (tokenHash) => void sql.removeEnrollment.run(tokenHash),
    putApiToken: (token) =>
      void sql.putApi.run(
        token.tokenHash,
        token.name,
        token.kind,
        token.role,
        token.createdAt,
        token.expiresAt,
        token.createdBy,
        token.lastUsedAt,
      ),
    getApiToken: (tokenHash) => optional(sql.api.get(tokenHash), toApiToken),
    listApiTokens: () => sql.apis.all().map(toApiToken),
    removeApiToken: (tokenHash) => void sql.removeApi.run(tokenHash),
    touchApiToken: (tokenHash, lastUsedAt) => void sql.touchApi.run(lastUsedAt, tokenHash),
  };
}
