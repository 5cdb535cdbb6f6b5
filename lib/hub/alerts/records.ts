import type { Tracked } from '../../alerts/rules/index.ts';
import type { Alert, AlertQuiet } from '../../model/index.ts';
import type { AlertRecord } from '../../state/state-store.ts';

/** An alert as people and programs see it. */
export const asAlert = (record: AlertRecord, quiet: AlertQuiet | null): Alert => ({
  ...record.facts,
  id: record.id,
  rule: record.rule,
  phase: record.phase,
  firedAt: record.firedAt,
  resolvedAt: record.resolvedAt,
  resolution: record.resolution,
  acknowledged: record.acknowledged,
  quiet: record.phase === 'resolved' ? null : quiet,
});

/** What the rules go on from after a restart. A clearing time begins anew. */
export const asTracked = (record: AlertRecord): Tracked => ({
  id: record.id,
  rule: record.rule,
  subject: record.subject,
  phase: record.phase === 'firing' ? 'firing' : 'pending',
  facts: record.facts,
  heldMillis: record.heldMillis,
  clearMillis: 0,
  firedAtMillis: record.firedAt === null ? null : Date.parse(record.firedAt),
});

/** The record of an alert that is pending or firing; what people did and who was told stays. */
export const asRecord = (
  tracked: Tracked,
  before: AlertRecord | undefined,
  nowMillis: number,
): AlertRecord => ({
  id: tracked.id,
  rule: tracked.rule,
  subject: tracked.subject,
  phase: tracked.phase,
  beganAt: before?.beganAt ?? new Date(nowMillis).toISOString(),
  firedAt: tracked.firedAtMillis === null ? null : new Date(tracked.firedAtMillis).toISOString(),
  resolvedAt: null,
  resolution: null,
  heldMillis: tracked.heldMillis,
  facts: tracked.facts,
  acknowledged: before?.acknowledged ?? null,
  told: before?.told ?? [],
});
