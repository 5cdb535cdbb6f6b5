import { type Gpu, kernelBusId, type PciGpu } from '../../../lib/model/index.ts';
import { emptyGpu } from '../../../lib/nvidia-smi/index.ts';
import { type MergedGpu, withoutReadings } from './merge.ts';

/** GPUs that are or were on the PCI bus and that nvidia-smi does not name. */
export interface OffBus {
  /** What nvidia-smi named, so that a GPU which it names no more keeps its identity. */
  note(gpus: readonly Gpu[]): void;
  /** Those that are missing beside `named`, as lost. `sampledAt`: when nvidia-smi was asked. */
  missing(pciGpus: readonly PciGpu[], named: readonly MergedGpu[], sampledAt: string): MergedGpu[];
  /** `named` and those that left the bus, as lost: for when nvidia-smi tells nothing any more. `at`: now. */
  withFallen(pciGpus: readonly PciGpu[], named: readonly MergedGpu[], at: string): MergedGpu[];
  /** Addresses that were seen on the bus and are not on it. */
  fallenFrom(pciGpus: readonly PciGpu[]): readonly string[];
}

const busIdOf = ({ gpu }: MergedGpu): string | null =>
  gpu.pciBusId === null ? null : kernelBusId(gpu.pciBusId);

export function createOffBus(): OffBus {
  const remembered = new Map<string, Gpu>();
  /** Addresses that the bus had with the NVIDIA driver: elsewhere (WSL) nvidia-smi names GPUs that no bus has. */
  const seen = new Set<string>();
  const lost = (busId: string, message: string, sampledAt: string): MergedGpu => {
    const known = remembered.get(busId) ?? { ...emptyGpu(), pciBusId: busId };
    return {
      gpu: withoutReadings(known),
      state: 'lost',
      failure: { code: 'gpu-lost', message, gpu: busId },
      sampledAt,
      detailsSampledAt: null,
      detailsMemoryUsedBytes: null,
    };
  };
  const fell = (busId: string, at: string): MergedGpu =>
    lost(busId, `left the PCI bus (${busId}); if it was taken out on purpose, restart the agent`, at);
  const withFall = (each: MergedGpu, fallen: ReadonlySet<string>, at: string): MergedGpu => {
    const busId = busIdOf(each);
    if (busId === null || !fallen.has(busId)) return each;
    // Its index is told by the stream alone.
    return { ...fell(busId, at), gpu: withoutReadings(each.gpu) };
  };
  const see = (pciGpus: readonly PciGpu[]): void => {
    for (const { busId, driver } of pciGpus) if (driver === 'nvidia') seen.add(busId);
  };
  const fallenFrom = (pciGpus: readonly PciGpu[]): readonly string[] => {
    const onBus = new Set(pciGpus.map(({ busId }) => busId));
    return [...seen].filter((busId) => !onBus.has(busId));
  };
  return {
    note(gpus) {
      for (const gpu of gpus) if (gpu.pciBusId !== null) remembered.set(kernelBusId(gpu.pciBusId), gpu);
    },
    missing(pciGpus, named, sampledAt) {
      see(pciGpus);
      if (seen.size === 0) return [];
      const told = new Set(named.map(busIdOf));
      const unlisted = pciGpus
        .filter(({ busId, driver }) => driver === 'nvidia' && !told.has(busId))
        .map(({ busId }) =>
          lost(
            busId,
            `on the PCI bus at ${busId} with the NVIDIA driver, but nvidia-smi does not list it`,
            sampledAt,
          ),
        );
      const fallen = fallenFrom(pciGpus).filter((busId) => !told.has(busId));
      return [...unlisted, ...fallen.map((busId) => fell(busId, sampledAt))];
    },
    fallenFrom,
    withFallen(pciGpus, named, at) {
      see(pciGpus);
      const fallen = new Set(fallenFrom(pciGpus));
      if (fallen.size === 0) return [...named];
      const told = new Set(named.map(busIdOf));
      const lostOnes = [...fallen].filter((busId) => !told.has(busId)).map((busId) => fell(busId, at));
      return [...named.map((each) => withFall(each, fallen, at)), ...lostOnes];
    },
  };
}
