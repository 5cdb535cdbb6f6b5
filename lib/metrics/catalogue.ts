import { compatFamilies } from './compat-families.ts';
import type { Family } from './family.ts';
import { faultFamilies } from './fault-families.ts';
import { gpuFamilies } from './gpu-families.ts';
import { hostFamilies } from './host-families.ts';
import { ownerFamilies } from './owner-families.ts';

/**
 * Every family of /metrics, in the order in which they are written. Names, types and labels are a published contract:
 * a test compares them with a frozen list.
 */
export const catalogue: readonly Family[] = [
  ...hostFamilies,
  ...gpuFamilies,
  ...faultFamilies,
  ...ownerFamilies,
  ...compatFamilies,
];

export type { ExposedGpu, ExposedHost, Family, Unit } from './family.ts';
/** Families of the fleet as a whole, after those of hosts. */
export { fleetFamilies } from './fleet-families.ts';
