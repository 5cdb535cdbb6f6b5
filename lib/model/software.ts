/** What one read told: its value and where from, or why there is none. */
export interface SoftwareFact {
  readonly value: string | null;
  /** `absent`: not on this host. `unknown`: it may be there, and was not told. Null while there is a value. */
  readonly missing: 'absent' | 'unknown' | null;
  /** Where the value is from, or why there is none. */
  readonly reason: string;
}

/**
 * What of a host's software and settings changes seldom. Sent beside a report when something of it changed, and now and
 * then, so that it does not grow every report; an older agent sends none.
 */
export interface HostSoftware {
  /** Host clock, ISO 8601. */
  readonly readAt: string;
  /** By SoftwareName; a newer agent may tell more. */
  readonly facts: Readonly<Record<string, SoftwareFact>>;
}

export const softwareNames = [
  'moduleOnDisk',
  'library',
  'gspFirmware',
  'fabricManager',
  'toolkitMode',
  'noCgroups',
  'containerd',
  'runc',
  'defaultRuntime',
  'nvidiaRuntime',
  'cdiDriver',
  'cdiHash',
  'inforom',
  'applicationClocks',
  'nouveau',
] as const;
export type SoftwareName = (typeof softwareNames)[number];

/** Most facts of one host, and the longest reason. */
export const mostSoftwareFacts = 64;
export const longestSoftwareReason = 300;
