import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from '../../sqlite/open-database.ts';
import type { AuditRecord, SshHostRecord, SshKeyRecord, SshKnownRecord } from '../state-store.ts';
import { type Row, text, textOrNull, whole } from './rows.ts';

const toHost = (row: Row): SshHostRecord => ({
  id: text(row, 'id'),
  address: text(row, 'address'),
  port: whole(row, 'port'),
  user: text(row, 'login'),
  jumps: JSON.parse(text(row, 'jumps')) as string[],
  keyId: text(row, 'key_id'),
  intervalSeconds: row['interval_seconds'] === null ? null : Number(row['interval_seconds']),
  createdAt: text(row, 'created_at'),
  client: text(row, 'client') === 'openssh' ? 'openssh' : 'ssh2',
});

const toKey = (row: Row): SshKeyRecord => ({
  id: text(row, 'id'),
  name: text(row, 'name'),
  kind: text(row, 'kind') === 'made' ? 'made' : 'file',
  path: textOrNull(row, 'path'),
  secret: textOrNull(row, 'secret'),
  publicLine: text(row, 'public_line'),
  createdAt: text(row, 'created_at'),
});

const toKnown = (row: Row): SshKnownRecord => ({
  place: text(row, 'place'),
  type: text(row, 'type'),
  fingerprint: text(row, 'fingerprint'),
  line: text(row, 'line'),
  acceptedAt: text(row, 'accepted_at'),
  acceptedBy: text(row, 'accepted_by'),
});

/** Hosts read over SSH, the hub's keys for them, and the host keys that people accepted. */
export function createSshTables(db: DatabaseSync, appendAudit: (record: AuditRecord) => void) {
  const sql = {
    hosts: db.prepare('SELECT * FROM ssh_hosts ORDER BY address, port'),
    putHost: db.prepare('INSERT OR REPLACE INTO ssh_hosts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)'),
    removeHost: db.prepare('DELETE FROM ssh_hosts WHERE id = ?'),
    keys: db.prepare('SELECT * FROM ssh_keys ORDER BY created_at, name'),
    putKey: db.prepare('INSERT OR REPLACE INTO ssh_keys VALUES (?, ?, ?, ?, ?, ?, ?)'),
    removeKey: db.prepare('DELETE FROM ssh_keys WHERE id = ?'),
    known: db.prepare('SELECT * FROM ssh_known ORDER BY place'),
    putKnown: db.prepare('INSERT OR REPLACE INTO ssh_known VALUES (?, ?, ?, ?, ?, ?)'),
    removeKnown: db.prepare('DELETE FROM ssh_known WHERE place = ?'),
  };
  const together = (audits: readonly AuditRecord[], work: () => void): void =>
    inTransaction(db, () => {
      work();
      for (const each of audits) appendAudit(each);
    });
  return {
    listSshHosts: (): readonly SshHostRecord[] => sql.hosts.all().map(toHost),
    putSshHosts: (hosts: readonly SshHostRecord[], audits: readonly AuditRecord[]): void =>
      together(audits, () => {
        for (const { id, address, port, user, jumps, keyId, ...more } of hosts) {
          const { intervalSeconds, createdAt, client } = more;
          const place = [id, address, port, user, JSON.stringify(jumps), keyId] as const;
          sql.putHost.run(...place, intervalSeconds, createdAt, client);
        }
      }),
    removeSshHost: (id: string, places: readonly string[], audits: readonly AuditRecord[]): void =>
      together(audits, () => {
        sql.removeHost.run(id);
        for (const place of places) sql.removeKnown.run(place);
      }),
    listSshKeys: (): readonly SshKeyRecord[] => sql.keys.all().map(toKey),
    putSshKey: ({ id, name, kind, path, secret, publicLine, createdAt }: SshKeyRecord, audit: AuditRecord) =>
      together([audit], () => void sql.putKey.run(id, name, kind, path, secret, publicLine, createdAt)),
    removeSshKey: (id: string, audit: AuditRecord): void =>
      together([audit], () => void sql.removeKey.run(id)),
    listSshKnown: (): readonly SshKnownRecord[] => sql.known.all().map(toKnown),
    putSshKnown: (known: SshKnownRecord, audit: AuditRecord): void =>
      together([audit], () => {
        const { place, type, fingerprint, line, acceptedAt, acceptedBy } = known;
        sql.putKnown.run(place, type, fingerprint, line, acceptedAt, acceptedBy);
      }),
    removeSshKnown: (place: string, audit: AuditRecord): void =>
      together([audit], () => void sql.removeKnown.run(place)),
  };
}
