import type { CompatView } from '../../model/index.ts';
import type { Actor } from '../actor.ts';
import type { CheckedHost } from '../compat/check.ts';
import { fleetImages, reportingHosts } from '../compat/images.ts';
import { worstVerdictFirst } from '../compat/judged.ts';
import { groupsOf, groupView, imageRow } from '../compat/matrix.ts';
import type { HubContext } from '../context.ts';
import { selectHostsById } from '../host-selection.ts';
import { requireRole } from '../require-role.ts';

export interface CompatQuery {
  /** Words that must all be found in an image's name. */
  readonly q?: string;
  readonly group?: readonly string[];
  readonly label?: readonly string[];
}

/** Hosts that a query asks for and that ever reported. */
export function selectedHosts(
  context: HubContext,
  query: Pick<CompatQuery, 'group' | 'label'>,
): readonly CheckedHost[] {
  const ids = selectHostsById(context, query);
  return [...reportingHosts(context.fleet)].filter(({ host }) => ids.has(host.id));
}

/** Images by groups of hosts, and the verdict of everything that runs or failed. */
export async function getCompat(
  actor: Actor,
  context: HubContext,
  query: CompatQuery = {},
): Promise<CompatView> {
  requireRole(actor, 'viewer');
  const { compat, now } = context;
  const hosts = selectedHosts(context, query);
  const groups = groupsOf(hosts);
  const wanted = (query.q ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  const isWanted = (reference: string | null): boolean =>
    wanted.every((word) => (reference ?? '').toLowerCase().includes(word));
  const images = fleetImages(context.fleet).filter(({ reference }) => isWanted(reference));
  // Verdicts as of this moment, whatever came since the last tick.
  compat.tick();
  return {
    serverTime: new Date(now()).toISOString(),
    dataAsOf: compat.tables().asOf,
    groups: [...groups].map(([group, ofGroup]) => groupView(group, ofGroup)),
    images: images.map((image) => imageRow(compat.judge, image, groups)),
    containers: hosts
      .flatMap(({ host }) => compat.ofHost(host.id))
      .filter(({ image }) => isWanted(image))
      .sort(worstVerdictFirst),
  };
}
