import type { AuditRecord, StateStore } from '../state/state-store.ts';
import type { Actor } from './actor.ts';
import { actorName } from './require-role.ts';

export interface Change {
  /** `noun.verb`, such as `host.remove`. */
  readonly action: string;
  readonly subject: string;
  /** What was and what is, for a person; null where there is none. Never a secret. */
  readonly before: string | null;
  readonly after: string | null;
}

export const auditRecord = (actor: Actor, nowMillis: number, change: Change): AuditRecord => ({
  at: new Date(nowMillis).toISOString(),
  actor: actorName(actor),
  ...change,
});

/** Writes who changed what into the audit log; each operation that changes something calls it. */
export const audit = (
  actor: Actor,
  store: { readonly state: StateStore; readonly nowMillis: number },
  change: Change,
): Promise<void> => store.state.appendAudit(auditRecord(actor, store.nowMillis, change));

/** A time in the log's texts, for a person: to the minute, in UTC. */
export const auditTime = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`;
