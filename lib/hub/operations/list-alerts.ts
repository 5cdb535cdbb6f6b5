import { type Alert, type AlertPhase, alertPhases, type Page } from '../../model/index.ts';
import type { AlertQuery as StoredQuery } from '../../state/state-store.ts';
import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { decodeCursor, encodeCursor, readLimit } from '../paging.ts';
import { requireRole } from '../require-role.ts';

export interface AlertQuery {
  /** All phases unless told; `open`: pending and firing. */
  readonly phase?: AlertPhase | 'open';
  readonly rule?: string;
  readonly severity?: string;
  /** Id of a host that it names. */
  readonly host?: string;
  /** Words that must all be somewhere in what it says. */
  readonly q?: string;
  readonly cursor?: string;
  /** 1 to 1000, default 100. */
  readonly limit?: number;
}

const wordsOf = (q: string | undefined): readonly string[] => (q ?? '').split(/\s+/).filter(Boolean);

function phasesOf(phase: AlertQuery['phase']): readonly AlertPhase[] {
  if (phase === undefined) return alertPhases;
  return phase === 'open' ? ['pending', 'firing'] : [phase];
}

function storedQuery({ phase, host, q, cursor, limit, ...rest }: AlertQuery): StoredQuery {
  const [beganAt, id] = cursor === undefined ? [] : decodeCursor(cursor);
  const after = beganAt === undefined ? {} : { before: { beganAt: String(beganAt), id: String(id) } };
  return {
    ...rest,
    ...after,
    ...(host === undefined ? {} : { hostId: host }),
    phases: phasesOf(phase),
    words: wordsOf(q),
    limit: readLimit(limit),
  };
}

/** Alerts, the youngest first: pending, firing, and those that are over. */
export async function listAlerts(actor: Actor, context: HubContext, query: AlertQuery): Promise<Page<Alert>> {
  requireRole(actor, 'viewer');
  const asked = storedQuery(query);
  const { alerts, total } = await context.state.listAlerts({ ...asked, limit: asked.limit + 1 });
  const shown = alerts.slice(0, asked.limit);
  const last = shown.at(-1);
  return {
    items: shown.map((record) => context.alerting.shown(record)),
    nextCursor:
      alerts.length > asked.limit && last !== undefined ? encodeCursor([last.beganAt, last.id]) : null,
    total,
  };
}
