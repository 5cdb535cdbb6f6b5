import type { HostSummary } from '../../lib/model/index.ts';
import { groupingKey, type LabelGrouping, labelHeading } from '../components/host-filter.ts';
import { standingLook } from '../components/host-state.tsx';
import { isUnusualGpu } from './oddities.ts';

export const groupings = ['group', 'model', 'driver', 'state', 'none'] as const;
export type Grouping = (typeof groupings)[number] | LabelGrouping;

export interface HostGroup {
  readonly name: string;
  readonly hosts: readonly HostSummary[];
  readonly gpuCount: number;
}

function keyOf(host: HostSummary, grouping: Grouping): string {
  const key = groupingKey(grouping);
  if (key !== null) return labelHeading(host, key);
  switch (grouping) {
    case 'group':
      return host.group;
    case 'model':
      return host.gpus.find((gpu) => gpu.name !== null)?.name ?? 'no GPU seen';
    case 'driver':
      return host.driverVersion === null ? 'driver unknown' : `driver ${host.driverVersion}`;
    case 'state':
      return standingLook(host).word;
    default:
      return 'All hosts';
  }
}

/** A host is unusual as a whole, or for single GPUs of it. */
export function isUnusualHost(host: HostSummary): boolean {
  return host.state !== 'ok' || host.gpus.some(isUnusualGpu);
}

/** Groups by name, hosts in the order given. */
export function groupHosts(hosts: readonly HostSummary[], grouping: Grouping): readonly HostGroup[] {
  const groups = Map.groupBy(hosts, (host) => keyOf(host, grouping));
  const collator = new Intl.Collator('en', { numeric: true });
  return [...groups.entries()]
    .sort(([a], [b]) => collator.compare(a, b))
    .map(([name, members]) => ({
      name,
      hosts: members,
      gpuCount: members.reduce((sum, host) => sum + host.gpus.length, 0),
    }));
}
