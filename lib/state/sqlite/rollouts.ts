import type { DatabaseSync } from 'node:sqlite';
import type { Rollout } from '../../model/index.ts';
import { text } from './rows.ts';

const mostRollouts = 50;

/** Each as JSON: it is read and written whole, and seldom. */
export function createRolloutTable(db: DatabaseSync) {
  const sql = {
    put: db.prepare('INSERT OR REPLACE INTO agent_rollouts VALUES (?, ?, ?)'),
    trim: db.prepare(
      'DELETE FROM agent_rollouts WHERE id NOT IN (SELECT id FROM agent_rollouts ORDER BY created_at DESC, id LIMIT ?)',
    ),
    list: db.prepare('SELECT rollout FROM agent_rollouts ORDER BY created_at DESC, id LIMIT ?'),
  };
  return {
    putRollout(rollout: Rollout): void {
      sql.put.run(rollout.id, rollout.createdAt, JSON.stringify(rollout));
      sql.trim.run(mostRollouts);
    },
    listRollouts: (limit: number): readonly Rollout[] =>
      sql.list.all(limit).map((row) => JSON.parse(text(row, 'rollout')) as Rollout),
  };
}
