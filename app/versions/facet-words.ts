import type { BaselineKind, FacetName } from '../../lib/model/index.ts';

/** Name of a facet at the beginning of a line, and within one. */
export const facetTitles: Readonly<Record<FacetName, string>> = {
  driver: 'Driver',
  cuda: 'CUDA of the driver',
  toolkit: 'Container toolkit',
  runtime: 'Container runtime',
  kernel: 'Kernel',
};

/** Where the values come from, as one short line. */
export const facetSources: Readonly<Record<FacetName, string>> = {
  driver: 'loaded kernel module, /proc/driver/nvidia/version',
  cuda: 'newest CUDA that the driver supports, as nvidia-smi prints it',
  toolkit: 'nvidia-ctk --version',
  runtime: 'Docker Engine, by its socket',
  kernel: 'running kernel, /proc/sys/kernel/osrelease',
};

export const kindWords: Readonly<Record<BaselineKind, string>> = {
  declared: 'declared',
  accepted: 'accepted',
  inferred: 'inferred',
};

/** What each kind of baseline means for whoever reads it. */
export const kindMeanings: Readonly<Record<BaselineKind, string>> = {
  declared: 'declared in the fleet file; a host that differs may alert',
  accepted: 'accepted by a person; a host that differs may alert',
  inferred:
    'what most hosts told when it was first seen; shown only, never alerts, and stays until someone decides',
};

/** What to do about hosts that differ: in order, each one step. */
export const facetAdvice: Readonly<Record<FacetName, readonly string[]>> = {
  driver: [
    'Drain the host: a driver cannot be changed while a process uses its GPUs.',
    "Install the baseline's version with what installed the present one (package manager or .run file). Where there is NVSwitch, Fabric Manager must be exactly the same version.",
    'Reboot, or unload and load the modules; then this page shows the version of the module that is loaded.',
    'A package that was updated without a reboot leaves the old module loaded: nvidia-smi then says "Driver/library version mismatch".',
  ],
  cuda: [
    'This comes with the driver: where the driver differs too, put the driver right and this follows.',
    'Where the driver is right and only this differs, the host loads another libcuda: look for a cuda-compat package or LD_LIBRARY_PATH in the environment of the agent.',
  ],
  toolkit: [
    'Install the same version of nvidia-container-toolkit and the packages that come with it (nvidia-container-toolkit-base, libnvidia-container-tools, libnvidia-container1).',
    'Where containers get their GPUs by CDI, write the specification anew: nvidia-ctk cdi generate. Where it is configured in the engine: nvidia-ctk runtime configure, then restart the engine.',
    'Containers that run keep what they were started with; new ones use the new version.',
  ],
  runtime: [
    'Drain the host, or see that live-restore is on: without it, an update of Docker stops its containers.',
    "Install the baseline's version, and check that the engine still knows the NVIDIA runtime or CDI: docker info.",
  ],
  kernel: [
    'A new kernel needs the NVIDIA module built for it (DKMS, or the precompiled package) before the reboot; without it the driver is missing afterwards.',
    'Reboot into the version meant, and hold the kernel packages so that an unattended update does not move it again.',
  ],
};

/** `driver:h100` in the address; null for what names no cell. */
export function readCell(text: string): { readonly facet: FacetName; readonly group: string } | null {
  const at = text.indexOf(':');
  const facet = (Object.keys(facetTitles) as FacetName[]).find((name) => name === text.slice(0, at));
  return at < 0 || facet === undefined || at === text.length - 1
    ? null
    : { facet, group: text.slice(at + 1) };
}

export const cellKey = ({ facet, group }: { readonly facet: FacetName; readonly group: string }): string =>
  `${facet}:${group}`;
