import { matchesHost, silenceState } from '../../alerts/quiet.ts';
import type { Fleet } from '../../fleet/index.ts';
import type { Silence, SilenceView } from '../../model/index.ts';
import type { StateStore } from '../../state/state-store.ts';
import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { requireRole } from '../require-role.ts';

const mostShown = 500;

export const silenceView = (
  silence: Silence,
  fleet: Pick<Fleet, 'summaries'>,
  nowMillis: number,
): SilenceView => ({
  ...silence,
  state: silenceState(silence, nowMillis),
  matches: fleet
    .summaries()
    .filter((host) => matchesHost(silence.hosts, host))
    .map(({ id, hostname }) => ({ id, hostname })),
});

/** Those planned and active, the first to end first. Works beside a running hub. */
export async function listOpenSilences(
  actor: Actor,
  store: { readonly state: StateStore; readonly fleet: Fleet; readonly nowMillis: number },
): Promise<readonly SilenceView[]> {
  requireRole(actor, 'viewer');
  const { state, fleet, nowMillis } = store;
  const silences = await state.listOpenSilences(new Date(nowMillis).toISOString());
  return silences.map((silence) => silenceView(silence, fleet, nowMillis));
}

/** Silences and maintenance, the youngest first: planned, active, and those that are over. */
export async function listSilences(actor: Actor, context: HubContext): Promise<readonly SilenceView[]> {
  requireRole(actor, 'viewer');
  const silences = await context.state.listSilences(mostShown);
  return silences.map((silence) => silenceView(silence, context.fleet, context.now()));
}
