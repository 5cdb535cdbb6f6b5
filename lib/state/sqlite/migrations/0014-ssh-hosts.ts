import type { Migration } from '../../../sqlite/open-database.ts';

export const sshHosts: Migration = {
  name: 'ssh-hosts',
  sql: `
      CREATE TABLE ssh_hosts (
        id TEXT PRIMARY KEY,
        address TEXT NOT NULL,
        port INTEGER NOT NULL,
        login TEXT NOT NULL,
        jumps TEXT NOT NULL,
        key_id TEXT NOT NULL,
        interval_seconds REAL,
        created_at TEXT NOT NULL
      ) STRICT;
      CREATE UNIQUE INDEX ssh_hosts_by_place ON ssh_hosts (address, port);
      CREATE TABLE ssh_keys (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        path TEXT,
        secret TEXT,
        public_line TEXT NOT NULL,
        created_at TEXT NOT NULL
      ) STRICT;
      CREATE TABLE ssh_known (
        place TEXT PRIMARY KEY,
        type TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        line TEXT NOT NULL,
        accepted_at TEXT NOT NULL,
        accepted_by TEXT NOT NULL
      ) STRICT;
    `,
};
