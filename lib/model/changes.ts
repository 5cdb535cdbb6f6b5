import type { FacetChange, FacetName } from './drift.ts';

/** What kind of thing happened, told by what changed. */
export const changeCauses = ['kernel', 'driver', 'packages', 'hardware', 'settings', 'agent'] as const;
export type ChangeCause = (typeof changeCauses)[number];

/** Changes that belong together: the same step on one or more hosts, within minutes. */
export interface ChangeEvent {
  /** The same for as long as its first change stands first. */
  readonly id: string;
  /** First and last, hub clock, ISO 8601. */
  readonly at: string;
  readonly until: string;
  readonly cause: ChangeCause;
  /** In the order of the facets. */
  readonly changes: readonly Pick<FacetChange, 'facet' | 'from' | 'to'>[];
  /** By hostname. */
  readonly hosts: readonly {
    readonly id: string;
    readonly hostname: string;
    readonly group: string;
    readonly at: string;
  }[];
}

/** GET /api/v1/changes. */
export interface ChangesView {
  readonly serverTime: string;
  /** What was asked for, ISO 8601. */
  readonly from: string;
  readonly to: string;
  /** The newest first. */
  readonly events: readonly ChangeEvent[];
  /** How many single changes they are made of. */
  readonly changes: number;
  /** There are older ones in that time, which were not read: ask again with `to` at the last event. */
  readonly isCut: boolean;
}

const causeOf: Readonly<Record<FacetName, ChangeCause>> = {
  driver: 'driver',
  moduleFlavour: 'driver',
  moduleOnDisk: 'packages',
  library: 'packages',
  cuda: 'driver',
  gspFirmware: 'driver',
  fabricManager: 'packages',
  toolkit: 'packages',
  toolkitMode: 'settings',
  noCgroups: 'settings',
  runtime: 'packages',
  containerd: 'packages',
  runc: 'packages',
  defaultRuntime: 'settings',
  nvidiaRuntime: 'settings',
  cdiDriver: 'settings',
  cdiHash: 'settings',
  gpuCount: 'hardware',
  gpuModels: 'hardware',
  vbios: 'hardware',
  inforom: 'hardware',
  persistence: 'settings',
  ecc: 'settings',
  migMode: 'settings',
  migLayout: 'settings',
  computeMode: 'settings',
  powerLimit: 'settings',
  applicationClocks: 'settings',
  kernel: 'kernel',
  os: 'packages',
  nouveau: 'driver',
  agent: 'agent',
};

/** The weightiest of what the facets tell: a new driver brings new packages and settings along, not the other way. */
export function causeOfChanges(facets: Iterable<FacetName>): ChangeCause {
  const found = new Set([...facets].map((facet) => causeOf[facet]));
  return changeCauses.find((cause) => found.has(cause)) ?? 'settings';
}
