import { type LabelCatalogue, labelCatalogue } from '../../model/index.ts';
import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import type { FleetFileFault } from '../fleet-file.ts';
import { requireRole } from '../require-role.ts';

/** The file that declares labels and baselines; path null: the hub was started without one. */
export interface FleetFileView {
  readonly path: string | null;
  readonly loadedAt: string | null;
  /** What is wrong with the file as it is now; what was read before it still counts. */
  readonly fault: FleetFileFault | null;
}

export interface LabelsView extends LabelCatalogue {
  readonly fleetFile: FleetFileView;
}

/** Groups and labels of the fleet with how many hosts and GPUs have each, and how the fleet file stands. */
export async function listLabels(actor: Actor, context: HubContext): Promise<LabelsView> {
  requireRole(actor, 'viewer');
  const { path, loadedAt, fault } = context.fleetFile.current();
  return { ...labelCatalogue(context.fleet.summaries()), fleetFile: { path, loadedAt, fault } };
}
