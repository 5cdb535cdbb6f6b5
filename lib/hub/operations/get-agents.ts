import type { AgentsView, AgentView } from '../../model/index.ts';
import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { requireRole } from '../require-role.ts';

const mostRollouts = 10;

function viewsOf({ fleet }: HubContext, offeredSha256: string | null): AgentView[] {
  return fleet
    .summaries()
    .map(({ id, hostname, group, state }): AgentView => {
      const agent = fleet.lastReport(id)?.agent ?? null;
      const sha256 = agent?.code?.sha256 ?? null;
      return {
        hostId: id,
        hostname,
        group,
        isReporting: state !== 'gone',
        version: agent?.version ?? null,
        sha256,
        canUpgrade: agent?.code?.canUpgrade ?? false,
        isCurrent: sha256 !== null && sha256 === offeredSha256,
        access: agent?.code?.access ?? null,
        isSimulated: agent?.code?.isSimulated ?? false,
      };
    })
    .sort((a, b) => a.hostname.localeCompare(b.hostname, 'en', { numeric: true }));
}

/** What agent every host runs, the one that this hub has to give, and the last upgrades. */
export async function getAgents(actor: Actor, context: HubContext): Promise<AgentsView> {
  requireRole(actor, 'viewer');
  // A file that is no agent is said where it is used; the page still shows what runs.
  const offered = await context.agents.offered().catch(() => null);
  const kept = await context.state.listRollouts(mostRollouts);
  const { current } = context.rollouts;
  return {
    offered,
    agents: viewsOf(context, offered?.sha256 ?? null),
    rollouts: kept.map((rollout) => (rollout.id === current?.id ? current : rollout)),
  };
}
