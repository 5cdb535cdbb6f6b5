import type { GpuState } from './gpu.ts';

/** An NVIDIA GPU as the PCI bus has it, whether or not nvidia-smi answers. */
export interface PciGpu {
  /** As the kernel writes it: `0000:1b:00.0`. */
  readonly busId: string;
  /** Four hexadecimal digits, such as `2330`. */
  readonly deviceId: string;
  /** The kernel driver bound to it; null: none is. */
  readonly driver: string | null;
  /** Kept for a virtual machine, so nvidia-smi of this host does not know it. */
  readonly passedThrough: boolean;
  /** `active`, `suspended`, `suspending`, …; null where the kernel does not tell. */
  readonly powerStatus: string | null;
}

export interface PciCount {
  /** GPUs on the bus that are this host's own: those passed through to virtual machines are left out. */
  readonly own: number;
  /** How many of them nvidia-smi gives values of. */
  readonly answering: number;
  readonly passedThrough: number;
  /** Own GPUs with another driver than NVIDIA's, or none. */
  readonly unbound: readonly PciGpu[];
}

/** `00000000:1B:00.0` and `0000:1B:00.0` as the kernel writes it. */
export const kernelBusId = (printed: string): string =>
  printed.toLowerCase().replace(/^0+(?=[0-9a-f]{4}:)/, '');

/** What the bus has beside what nvidia-smi tells; `current`: its numbers are of now. */
export function countPci(
  pciGpus: readonly PciGpu[],
  gpus: readonly { readonly pciBusId: string | null; readonly state: GpuState }[],
  current: boolean,
): PciCount {
  const told = new Set(
    gpus.flatMap(({ pciBusId, state }) =>
      pciBusId !== null && state === 'ok' && current ? [kernelBusId(pciBusId)] : [],
    ),
  );
  const own = pciGpus.filter(({ passedThrough }) => !passedThrough);
  return {
    own: own.length,
    answering: own.filter(({ busId }) => told.has(busId)).length,
    passedThrough: pciGpus.length - own.length,
    unbound: own.filter(({ busId, driver }) => driver !== 'nvidia' && !told.has(busId)),
  };
}
