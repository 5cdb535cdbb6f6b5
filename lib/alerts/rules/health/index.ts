import type { HostRule } from '../host-rule.ts';
import { agentOutdated } from './agent-outdated.ts';
import { containerLostGpu } from './container-lost-gpu.ts';
import { driverFailed } from './driver-failed.ts';
import { driverHung } from './driver-hung.ts';
import { eccUncorrectable } from './ecc-uncorrectable.ts';
import { fabricDown } from './fabric-down.ts';
import { gpuFewer } from './gpu-fewer.ts';
import { gpuHeldIdle } from './gpu-held-idle.ts';
import { gpuLost } from './gpu-lost.ts';
import { gpuMissing } from './gpu-missing.ts';
import { pcieDegraded } from './pcie-degraded.ts';
import { powerBrake } from './power-brake.ts';
import { recoveryAction } from './recovery-action.ts';
import { retiredPages } from './retired-pages.ts';
import { rowRemapFailed } from './row-remap-failed.ts';
import { rowRemapPending } from './row-remap-pending.ts';
import { temperature } from './temperature.ts';
import { thermalSlowdown } from './thermal-slowdown.ts';
import { xidCritical, xidWarning } from './xid.ts';

/** What is wrong with one host, its driver, its GPUs or its containers; a new one is a file and a line. */
export const healthRules: readonly HostRule[] = [
  driverHung,
  driverFailed,
  gpuLost,
  gpuMissing,
  gpuFewer,
  xidCritical,
  xidWarning,
  eccUncorrectable,
  rowRemapFailed,
  rowRemapPending,
  retiredPages,
  recoveryAction,
  powerBrake,
  thermalSlowdown,
  temperature,
  pcieDegraded,
  fabricDown,
  containerLostGpu,
  agentOutdated,
  gpuHeldIdle,
];
