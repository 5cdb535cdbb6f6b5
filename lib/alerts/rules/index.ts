import { driverDrift } from './driver-drift.ts';
import { hostGone } from './host-gone.ts';
import { hubOrNetwork } from './hub-or-network.ts';
import type { Rule } from './rule.ts';

export * from './rule.ts';

/** Every rule, in the order in which they are asked: a later one may look at what an earlier one found. */
export const rules: readonly Rule[] = [hubOrNetwork, hostGone, driverDrift];
