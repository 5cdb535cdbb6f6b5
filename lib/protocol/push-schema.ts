import { z } from 'zod';
import {
  accessLevels,
  longestFacetValue,
  longestGpuUuid,
  longestPauseReason,
  longestRawName,
  longestRawText,
  longestSoftwareReason,
  mostRawFields,
  mostSoftwareFacts,
  type Push,
  upgradeStates,
} from '../model/index.ts';
import { exitSchema } from './container-cuda-schema.ts';
import { diagnosisSchema } from './diagnosis-schema.ts';
import type { EnrollRequest } from './enroll-types.ts';
import { count, identifier, isoTime, labels, list, pid, seconds, text, textOrNull } from './fields.ts';
import { failureSchema, gpuSchema } from './gpu-schema.ts';
import { pushLimits } from './limits.ts';
import { containerSchema, ownerSchema } from './owner-schema.ts';

/** Also a path segment and a label, so nothing that needs escaping. */
const hostId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{7,63}$/, 'a UUID, as the agent generated it');

const failedContainerSchema = containerSchema.omit({ gpus: true }).extend({ exit: exitSchema });

const stackSchema = z.object({
  kernelDriverVersion: textOrNull(64),
  kernelModuleFlavour: textOrNull(64),
  driverVersion: textOrNull(64),
  cudaVersion: textOrNull(64),
  containerToolkitVersion: textOrNull(64),
  dockerVersion: textOrNull(64),
  kernelVersion: textOrNull(256),
  osName: textOrNull(256),
  architecture: textOrNull(64),
  bootedAt: textOrNull(64),
});

const sourceSchema = z.object({
  source: identifier(64),
  state: z.enum(['ok', 'failed', 'absent', 'hung', 'paused']),
  command: text(4096),
  durationSeconds: seconds.nullable(),
  lastSuccessAt: isoTime.nullable(),
  failure: failureSchema.nullable(),
  runs: count,
  failures: count,
});

export const pciGpusSchema = list(
  z.object({
    busId: identifier(64),
    deviceId: identifier(16),
    driver: textOrNull(64),
    passedThrough: z.boolean(),
    powerStatus: textOrNull(64),
  }),
  pushLimits.pciGpus,
);

const counted = {
  pciBusId: identifier(64),
  gpuUuid: identifier(longestGpuUuid).nullable(),
  count,
  firstAt: isoTime.nullable(),
  lastAt: isoTime.nullable(),
  lastText: text(1024),
};

/** lib/model's ReportedFaults, with bounds. */
export const faultsSchema = z.object({
  xids: list(
    z.object({ ...counted, xid: count, lastPid: pid.nullable(), lastProcessName: textOrNull(256) }),
    pushLimits.xids,
  ),
  troubles: list(
    z.object({ ...counted, kind: z.enum(['gpu-lost', 'gpu-init-failed', 'switch-error']) }),
    pushLimits.kernelTroubles,
  ),
  throttles: list(
    z.object({ gpuUuid: identifier(longestGpuUuid), reason: identifier(128), seconds }),
    pushLimits.throttleTimes,
  ),
  starts: list(
    z.object({ gpuUuid: identifier(longestGpuUuid), key: identifier(256), at: isoTime }),
    pushLimits.faultStarts,
  ),
});

export const pauseSchema = z.object({
  kind: identifier(32),
  since: isoTime,
  until: isoTime.nullable(),
  by: textOrNull(256),
  reason: textOrNull(longestPauseReason),
  stuckPids: list(pid, pushLimits.stuckPids),
});

export const notesSchema = list(z.object({ at: isoTime, text: text(1024) }), pushLimits.notes);

/** One report of a push; also what the hub keeps of a host over a restart. */
export const reportSchema = z.object({
  sequence: count,
  takenAt: isoTime,
  ageSeconds: seconds.nullable(),
  intervalSeconds: z.number().min(0.1).max(86_400),
  condition: z.enum([
    'ok',
    'starting',
    'no-nvidia-smi',
    'no-devices',
    'driver-failed',
    'driver-hung',
    'paused',
  ]),
  failure: failureSchema.nullable(),
  stack: stackSchema,
  gpus: list(gpuSchema, pushLimits.gpus),
  containers: list(containerSchema, pushLimits.containers),
  sources: list(sourceSchema, pushLimits.sources),
  problems: list(z.object({ field: text(1024), text: text(1024), message: text(1024) }), pushLimits.problems),
  pciGpus: pciGpusSchema.nullable().optional(),
  faults: faultsSchema.optional(),
  pause: pauseSchema.nullable().optional(),
  notes: notesSchema.optional(),
  doctor: diagnosisSchema.nullable().optional(),
  owners: list(ownerSchema, pushLimits.owners).optional(),
  failedContainers: list(failedContainerSchema, pushLimits.failedContainers).optional(),
});

const rawFieldsSchema = z.record(
  z.string().max(256),
  z.object({
    form: z.enum(['query', 'xml', 'file', 'command']),
    name: text(longestRawName),
    text: text(longestRawText),
  }),
);

const rawGpusSchema = z.record(z.string().max(longestGpuUuid), rawFieldsSchema);

/** The texts behind a report; see lib/model/raw.ts. */
export const rawSchema = z
  .object({ sequence: count, gpus: rawGpusSchema, host: rawFieldsSchema })
  .refine(
    ({ gpus }) =>
      Object.values(gpus).reduce((sum, fields) => sum + Object.keys(fields).length, 0) <= mostRawFields,
    `at most ${mostRawFields} texts`,
  );

/** lib/model's HostSoftware, with bounds. */
export const softwareSchema = z.object({
  readAt: isoTime,
  facts: z
    .record(
      z.string().regex(/^[A-Za-z]\w{0,63}$/, 'a name'),
      z.object({
        value: textOrNull(longestFacetValue),
        missing: z.enum(['absent', 'unknown']).nullable(),
        reason: text(longestSoftwareReason),
      }),
    )
    .refine((facts) => Object.keys(facts).length <= mostSoftwareFacts, `at most ${mostSoftwareFacts} facts`),
});

const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits');

const agentCodeSchema = z.object({
  sha256: sha256Hex.nullable(),
  canUpgrade: z.boolean(),
  access: z.enum(accessLevels).nullable(),
  // Older agents do not send it.
  isSimulated: z.boolean().exactOptional(),
  upgrade: z
    .object({
      serial: count,
      version: identifier(64),
      state: z.enum(upgradeStates),
      message: textOrNull(1024),
    })
    .nullable(),
});

export const agentSchema = z.object({
  version: identifier(64),
  epoch: identifier(64),
  startedAt: isoTime,
  spooledReports: count,
  spooledBytes: count,
  droppedReports: count,
  stuckProcesses: count.optional(),
  code: agentCodeSchema.exactOptional(),
});

const hostSchema = z.object({
  id: hostId,
  hostname: identifier(253),
  labels: labels(64, 1024),
  labelSources: labels(64, 32).optional(),
  machine: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'a SHA-256 sum')
    .optional(),
});

/** Body of POST /api/v1/push. Keys that it does not know are dropped, so a newer agent is still understood. */
export const pushSchema = z.object({
  protocol: z.int(),
  host: hostSchema,
  agent: agentSchema,
  sentAt: isoTime,
  reports: list(reportSchema, pushLimits.reports).refine((all) => all.length > 0, 'at least one report'),
  raw: rawSchema.exactOptional(),
  software: softwareSchema.exactOptional(),
});

/** Body of POST /api/v1/enroll. */
export const enrollSchema = z.object({ host: hostSchema });

export const pushAnswerSchema = z.object({
  accepted: z.int(),
  duplicates: z.int(),
  intervalSeconds: z.number(),
  serverTime: z.iso.datetime(),
  backlogReports: z.int(),
  rawText: z.boolean().exactOptional(),
  sendSoftware: z.boolean().exactOptional(),
  pause: z
    .object({ id: z.string(), seconds: z.number(), by: z.string(), reason: z.string().nullable() })
    .exactOptional(),
  captureId: z.string().max(64).exactOptional(),
  upgrade: z
    .object({
      serial: z.int(),
      version: z.string(),
      sha256: sha256Hex,
      sizeBytes: z.int(),
      signature: z.string(),
      trialSeconds: z.number(),
    })
    .exactOptional(),
});

export const enrollAnswerSchema = z.object({ hostId: z.string(), credential: z.string() });

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
/** Fails to compile when schema and model drift apart, in either direction. */
export const schemaIsModel: readonly [
  Same<DeepReadonly<z.infer<typeof pushSchema>>, Push>,
  Same<DeepReadonly<z.infer<typeof enrollSchema>>, EnrollRequest>,
] = [true, true];
