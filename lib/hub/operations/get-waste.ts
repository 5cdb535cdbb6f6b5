import type { WasteGrouping, WasteReport } from '../../model/index.ts';
import { StoreError } from '../../state/state-store.ts';
import { monthOf, readMonth, wasteDefinitions, wasteReport } from '../../waste/index.ts';
import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { selectHostsById } from '../host-selection.ts';
import type { ListQuery } from '../hub.ts';
import { requireRole } from '../require-role.ts';

export interface WasteQuery extends Pick<ListQuery, 'group' | 'label'> {
  /** `YYYY-MM`; left out: the month of now. */
  readonly month?: string;
  /** Left out: by owner. */
  readonly by?: WasteGrouping;
  /** Whole minutes, in seconds; left out: the hub's setting. */
  readonly idleAfterSeconds?: number;
}

const bad = (pointer: string, detail: string): HubError =>
  new HubError('invalid', detail, { errors: [{ pointer, detail }] });

function readIdleAfter(context: HubContext, asked: number | undefined): number {
  const seconds = asked ?? context.config.waste.idleAfterSeconds;
  if (seconds % 60 === 0 && seconds >= 60 && seconds <= 86_400) return seconds;
  throw bad('idle', 'Whole minutes in seconds, from 60 to 86400.');
}

/** What the GPUs' time of a month went to. Throws `invalid`. */
export async function getWaste(actor: Actor, context: HubContext, query: WasteQuery): Promise<WasteReport> {
  requireRole(actor, 'viewer');
  const month = query.month === undefined ? monthOf(context.now()) : readMonth(query.month);
  if (month === null) throw bad('month', 'A month such as 2026-11.');
  const idleAfterSeconds = readIdleAfter(context, query.idleAfterSeconds);
  const { by = 'owner' } = query;
  const { fromSeconds, toSeconds } = month;
  const all = await context.history
    .ownerUse({ fromSeconds, toSeconds, idleAfterSeconds })
    .catch((error: unknown) => {
      const isTooLarge = error instanceof StoreError && error.code === 'too-large';
      throw isTooLarge ? bad('month', 'More owners than one report can add up.') : error;
    });
  // A host that is gone has no labels to choose it by, and its owners count while nothing is chosen.
  const isChosen = query.group !== undefined || query.label !== undefined;
  const hosts = isChosen ? selectHostsById(context, query) : null;
  const accounts = hosts === null ? all : all.filter(({ hostId }) => hosts.has(hostId));
  const { prices } = context.config.waste;
  return {
    month: month.name,
    from: new Date(fromSeconds * 1000).toISOString(),
    to: new Date(toSeconds * 1000).toISOString(),
    isOver: toSeconds * 1000 <= context.now(),
    by,
    idleAfterSeconds,
    prices,
    definitions: wasteDefinitions,
    ...wasteReport(accounts, { by, prices }),
  };
}
