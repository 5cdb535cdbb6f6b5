import { architectures } from './architectures.ts';
import { toolkitCves, toolkitReleases } from './container-toolkit.ts';
import { compatDataAsOf, driverBranches } from './driver-branches.ts';
import { driverBulletins } from './driver-bulletins.ts';
import { compatLibraries, forwardCompat, olderForwardCompat } from './forward-compat.ts';
import { minorFloors } from './minor-floors.ts';
import { pciDevices } from './pci-devices.ts';
import { products } from './products.ts';
import { toolkitDrivers } from './toolkit-drivers.ts';

/** All tables that a verdict rests on. */
export const compatData = {
  asOf: compatDataAsOf as string,
  toolkits: toolkitDrivers,
  minorFloors,
  branches: driverBranches,
  forward: forwardCompat,
  olderForward: olderForwardCompat,
  libraries: compatLibraries,
  architectures,
  products,
  pciDevices,
  bulletins: driverBulletins,
  toolkitCves,
  toolkitReleases,
} as const;

export type CompatData = typeof compatData;
