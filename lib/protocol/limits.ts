/** The wire's version; the hub accepts the ones listed. No schema library here, so that the agent stays small. */
export const PROTOCOL_VERSION = 1;
export const acceptedProtocols: readonly number[] = [1];

/** What one push may be. Past depth or values it is refused with 400, past the others with 422. */
export const pushLimits = {
  nestingDepth: 32,
  /** About 17 bytes each, so well above what an agent puts into one push; it bounds what any body costs to read. */
  values: 200_000,
  reports: 240,
  gpus: 256,
  migDevices: 64,
  processesPerGpu: 8192,
  containers: 4096,
  owners: 4096,
  grantedDevices: 1024,
  gpusPerContainer: 1024,
  pidsPerContainer: 8192,
  sources: 64,
  problems: 2000,
  throttleReasons: 64,
  pciGpus: 256,
  xids: 512,
  kernelTroubles: 256,
  throttleTimes: 4096,
  faultStarts: 4096,
  stuckPids: 256,
  notes: 100,
  requirementsPerContainer: 16,
  failedContainers: 100,
  newFields: 64,
} as const;

/** Longest body of POST /api/v1/enroll. */
export const enrollBytes = 64 * 1024;

/** How the hub says that it refuses something; a proxy's own error page has neither. */
export const problemContentType = 'application/problem+json';
export const problemTypePrefix = 'urn:gpufleet:problem:';

/** First letters of each kind of secret, so that one pasted in the wrong place is named in the refusal. */
export const secretPrefixes = {
  agent: 'gfa_',
  enrollment: 'gfe_',
  session: 'gfs_',
  login: 'gfl_',
  invitation: 'gfi_',
  api: 'gft_',
  scrape: 'gfm_',
} as const;
export type SecretKind = keyof typeof secretPrefixes;
