import type { Migration } from '../../../sqlite/open-database.ts';

export const agentRollouts: Migration = {
  name: 'agent-rollouts',
  sql: `
      CREATE TABLE agent_rollouts (
        id TEXT PRIMARY KEY,
        created_at TEXT NOT NULL,
        rollout TEXT NOT NULL
      ) STRICT;
    `,
};
