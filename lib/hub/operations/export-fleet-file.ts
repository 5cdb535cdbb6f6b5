import { writeFleetFile } from '../../labels/index.ts';
import { type Baseline, groupLabel } from '../../model/index.ts';
import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { requireRole } from '../require-role.ts';

export interface FleetFileText {
  /** Of the file that the hub was started with; null: it was started without one. */
  readonly path: string | null;
  /** YAML; a hub that is started with it has the same groups and baselines. */
  readonly text: string;
}

/** Groups by a label that only the hub has, by hostname; where two hosts have one name, by id. */
function hubGroups({ fleet }: HubContext): ReadonlyMap<string, string> {
  const hosts = fleet.summaries();
  const names = Map.groupBy(hosts, ({ hostname }) => hostname.toLowerCase());
  return new Map(
    hosts.flatMap(({ id, hostname, labels }) => {
      const label = labels.find(({ key, source }) => key === groupLabel && source === 'hub');
      const isAlone = names.get(hostname.toLowerCase())?.length === 1;
      return label === undefined ? [] : [[isAlone ? hostname : id, label.value] as const];
    }),
  );
}

/** Inferred ones only where they are asked for, and only those that count. */
function wanted({ drift }: HubContext, inferred: boolean): readonly Baseline[] {
  return drift.baselines
    .all()
    .filter(({ group, facet, kind }) => {
      if (kind === 'declared' || drift.baselines.effective(group, facet)?.kind !== kind) return false;
      return kind === 'accepted' || inferred;
    })
    .toSorted((a, b) => (a.group === b.group ? 0 : a.group < b.group ? -1 : 1));
}

/** The fleet file as it is, with the baselines that were accepted on the page in it. */
export async function exportFleetFile(
  actor: Actor,
  context: HubContext,
  { inferred = false }: { readonly inferred?: boolean } = {},
): Promise<FleetFileText> {
  requireRole(actor, 'viewer');
  const { path, text } = context.fleetFile.current();
  const additions = { baselines: wanted(context, inferred), hostGroups: hubGroups(context) };
  return { path, text: writeFleetFile(text, additions) };
}
