import { kernelBusId, type XidCount } from '../model/index.ts';
import type { ExposedHost, Family, PreparedLabels } from './family.ts';
import { label } from './family.ts';

const gpuLabels = ['host', 'gpu', 'uuid'] as const;

/** Labels of the GPU that is meant; one that is in no list of nvidia-smi's still has its uuid or its address. */
function labelsOf(told: XidCount, host: ExposedHost, prepared: PreparedLabels): string {
  const busId = kernelBusId(told.pciBusId);
  const position = host.gpus.findIndex(
    ({ uuid, pciBusId }) =>
      (told.gpuUuid !== null && uuid === told.gpuUuid) ||
      (pciBusId !== null && kernelBusId(pciBusId) === busId),
  );
  const unlisted = `${prepared.host},gpu="",${label('uuid', told.gpuUuid ?? told.pciBusId)}`;
  return prepared.gpus[position] ?? unlisted;
}

/** What went wrong, counted by the host's agent. */
export const faultFamilies: readonly Family[] = [
  {
    name: 'gpufleet_gpu_xid_errors_total',
    help: 'Xid errors in the kernel log since the host booted, by number.',
    type: 'counter',
    unit: null,
    labels: [...gpuLabels, 'xid'],
    told: 'while-reporting',
    emit(host, prepared, sample) {
      for (const each of host.faultCounts?.xids ?? [])
        sample(labelsOf(each, host, prepared), each.count, `,xid="${each.xid}"`);
    },
  },
  {
    name: 'gpufleet_gpu_throttle_seconds_total',
    help: 'Time for which the reason held clocks down since the agent started; gaps are left out.',
    type: 'counter',
    unit: 'seconds',
    labels: [...gpuLabels, 'reason'],
    told: 'while-current',
    emit(host, prepared, sample) {
      const times = host.faultCounts?.throttles ?? [];
      if (times.length === 0) return;
      const positions = new Map(host.gpus.map(({ uuid }, position) => [uuid, position]));
      for (const { gpuUuid, reason, seconds } of times) {
        const position = positions.get(gpuUuid);
        if (position !== undefined)
          sample(prepared.gpus[position] ?? '', seconds, `,${label('reason', reason)}`);
      }
    },
  },
];
