import { matchesHost, silenceState } from '../../alerts/quiet.ts';
import type { Fleet } from '../../fleet/index.ts';
import type { Silence, SilenceView } from '../../model/index.ts';
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

/** Silences and maintenance, the youngest first: planned, active, and those that are over. */
export async function listSilences(actor: Actor, context: HubContext): Promise<readonly SilenceView[]> {
  requireRole(actor, 'viewer');
  const silences = await context.state.listSilences(mostShown);
  return silences.map((silence) => silenceView(silence, context.fleet, context.now()));
}
