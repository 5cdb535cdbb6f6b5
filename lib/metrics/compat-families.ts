import { runsAtAll } from '../model/index.ts';
import type { ExposedContainer, Family } from './family.ts';
import { label } from './family.ts';

function labelsOf(container: ExposedContainer, host: string, verdict: string): string {
  return [
    host,
    label('container', container.name ?? container.id.slice(0, 12)),
    label('image', container.image),
    label('runtime', container.runtime),
    label('namespace', container.namespace),
    label('pod', container.pod),
    label('verdict', verdict),
  ].join(',');
}

/**
 * Whether containers can use CUDA. One whose verdict is not known has no series, so that its value is never taken for a
 * yes or a no; containers with the same labels are one series, with the worse value.
 */
export const compatFamilies: readonly Family[] = [
  {
    name: 'gpufleet_container_compatible',
    help: '1 while the CUDA of a container runs on its host, 0 while it does not; none where that is not known. Containers that failed in the last day too.',
    type: 'gauge',
    unit: null,
    labels: ['host', 'container', 'image', 'runtime', 'namespace', 'pod', 'verdict'],
    told: 'while-current',
    emit(host, prepared, sample) {
      const values = new Map<string, number>();
      for (const container of [...host.containers, ...(host.failedContainers ?? [])]) {
        const { compat } = container;
        if (compat == null || compat.verdict === 'unknown') continue;
        const labels = labelsOf(container, prepared.host, compat.verdict);
        const value = runsAtAll(compat) || compat.isContradicted ? 1 : 0;
        values.set(labels, Math.min(values.get(labels) ?? 1, value));
      }
      for (const [labels, value] of values) sample(labels, value);
    },
  },
];
