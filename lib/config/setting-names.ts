/**
 * Names of every program's settings, so that hub and agent can share one environment and one file.
 * A test compares each list with its schema.
 */
export const hubSettingNames: readonly string[] = [
  'port',
  'host',
  'data',
  'publicUrl',
  'tlsCert',
  'tlsKey',
  'tlsAuto',
  'behindProxy',
  'retentionRaw',
  'retentionMinute',
  'retentionHour',
  'interval',
  'watchedInterval',
  'maxPushSize',
  'maxInflatedPushSize',
  'enrollmentTokenLife',
  'sessionLife',
];

/** Kept by agent-config.ts. */
export const agentSettingNames: readonly string[] = [
  'hub',
  'token',
  'tokenFile',
  'label',
  'interval',
  'nvidiaSmi',
  'dockerSocket',
  'noDocker',
  'caFile',
  'caFingerprint',
  'listen',
  'noHold',
  'once',
  'stdout',
  'stateDir',
  'spoolSize',
];
