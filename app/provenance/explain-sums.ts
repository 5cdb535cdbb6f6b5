import { type GpuDetail, type HostRaw, type RawText, rawProcessField } from '../../lib/model/index.ts';
import { formatBytes, formatJoules } from '../format/index.ts';
import { type Explanation, type FormulaInput, type Known, nothing } from './explanation.ts';
import { kindWords } from './kinds.ts';
import type { Subject } from './subject.ts';

const bytesInput = (name: string, bytes: number | null, printed: RawText | undefined): FormulaInput => ({
  name,
  value: bytes === null ? 'not told' : formatBytes(bytes),
  printed: printed?.text ?? null,
});

function processInputs(gpu: GpuDetail, raw: HostRaw | null, isIn: (ownerKey: string | null) => boolean) {
  return gpu.processes
    .filter(({ owner, ownerKey }) => isIn(ownerKey ?? owner?.containerId ?? null))
    .map((process) => {
      const text = raw?.gpus[gpu.uuid ?? '']?.[rawProcessField(process)];
      const instance = process.gpuInstanceId === null ? '' : ` (MIG ${process.gpuInstanceId})`;
      return bytesInput(
        `PID ${process.pid}${instance} on GPU ${gpu.index ?? '?'}`,
        process.usedMemoryBytes,
        text,
      );
    });
}

/** Memory that no process holds, as its agent divides it; of an older agent, no process of a container. */
export function explainUnattributed(gpu: GpuDetail, { raw }: Known, title: string): Explanation {
  const { usedMemoryBytes: rest, overcountBytes } = gpu.unattributed;
  const isWhole = gpu.accounting !== undefined;
  const whose = isWhole ? 'of all processes' : 'of processes in containers';
  const used = raw?.gpus[gpu.uuid ?? '']?.['detailsMemoryUsedBytes'];
  return {
    ...nothing,
    title,
    value: rest === null ? null : formatBytes(rest),
    why: rest === null ? 'The GPU, or one of the processes, does not tell its memory.' : null,
    api: `unattributed.usedMemoryBytes = ${rest}`,
    sampledAt: gpu.detailsSampledAt,
    formula: {
      text:
        overcountBytes > 0
          ? `Memory in use less that ${whose}; the processes tell more than the GPU uses, so nothing is left.`
          : `Memory in use when the processes were read, less that ${whose}.`,
      inputs: [
        bytesInput('Memory in use then', gpu.detailsMemoryUsedBytes, used),
        ...processInputs(gpu, raw, (key) => isWhole || key !== null),
      ],
    },
  };
}

/** Energy that the agent added up. */
export function explainEnergy(gpu: GpuDetail, { host, raw }: Known, title: string): Explanation {
  const draw = raw?.gpus[gpu.uuid ?? '']?.['power.drawWatts'];
  const { energyJoules } = gpu;
  return {
    ...nothing,
    title,
    value: energyJoules === null ? null : formatJoules(energyJoules),
    why: energyJoules === null ? 'This GPU tells no power now, so there is nothing to add up.' : null,
    api: `energyJoules = ${energyJoules}${energyJoules === null ? '' : ' joules'}`,
    sampledAt: gpu.sampledAt,
    formula: {
      text: 'Power times time, added up by the agent from sample to sample since it started; gaps are left out. nvidia-smi prints no energy.',
      inputs: [
        {
          name: 'Power now',
          value: gpu.power.drawWatts === null ? 'not told' : kindWords('watts').show(gpu.power.drawWatts),
          printed: draw?.text ?? null,
        },
        { name: 'Agent started', value: host.agent?.startedAt ?? 'not told', printed: null },
      ],
    },
  };
}

/** Memory of one container or other owner. */
export function explainOwner(subject: Extract<Subject, { kind: 'owner' }>, known: Known): Explanation {
  const { host, raw } = known;
  const owner =
    host.containers.find(({ id }) => id === subject.containerId) ??
    host.owners.find(({ key }) => key === subject.containerId);
  const uses = (owner?.gpus ?? []).filter(
    (use) => subject.gpuUuid === null || use.gpuUuid === subject.gpuUuid,
  );
  const told = uses.flatMap((use) => use.usedMemoryBytes ?? []);
  const bytes = told.length === 0 ? null : told.reduce((sum, part) => sum + part, 0);
  const gpus = host.gpus.filter(({ uuid }) => subject.gpuUuid === null || uuid === subject.gpuUuid);
  return {
    ...nothing,
    title: subject.label,
    value: bytes === null ? null : formatBytes(bytes),
    why: bytes === null ? 'The driver tells no memory for its processes.' : null,
    api: `gpus[].usedMemoryBytes of it, added up = ${bytes}${bytes === null ? '' : ' bytes'}`,
    sampledAt: gpus[0]?.detailsSampledAt ?? null,
    formula: {
      text: 'The memory of its processes, which their cgroups tell, added up.',
      inputs: gpus.flatMap((gpu) => processInputs(gpu, raw, (key) => key === subject.containerId)),
    },
  };
}
