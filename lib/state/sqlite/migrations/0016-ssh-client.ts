import type { Migration } from '../../../sqlite/open-database.ts';

export const sshClient: Migration = {
  name: 'ssh-client',
  sql: "ALTER TABLE ssh_hosts ADD COLUMN client TEXT NOT NULL DEFAULT 'ssh2';",
};
