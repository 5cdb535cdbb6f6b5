import { z } from 'zod';
import {
  grantWays,
  longestContainerId,
  longestGpuUuid,
  longestOwnerKey,
  mostLabels,
  ownerKinds,
  personSources,
} from '../model/index.ts';
import { containerStackFields } from './container-cuda-schema.ts';
import {
  bytes,
  identifier,
  index,
  isoTime,
  labels,
  list,
  looseRatio,
  pid,
  ratio,
  text,
  textOrNull,
} from './fields.ts';
import { pushLimits } from './limits.ts';

const time = isoTime.nullable().optional();
const share = looseRatio.optional();

/** lib/model's GpuUse, with bounds. */
const useSchema = z.object({
  gpuUuid: identifier(longestGpuUuid),
  gpuInstanceId: index.nullable(),
  computeInstanceId: index.nullable(),
  usedMemoryBytes: bytes,
  smRatio: looseRatio,
  pids: list(pid, pushLimits.pidsPerContainer),
  memoryRatio: share,
  encoderRatio: share,
  decoderRatio: share,
  sampledAt: time,
  sharesSampledAt: time,
});

const usesSchema = list(useSchema, pushLimits.gpusPerContainer);

const personSchema = z.object({
  name: textOrNull(256),
  from: z.enum(personSources),
  isInferred: z.boolean(),
});

const grantSchema = z.object({
  by: z.enum(grantWays),
  all: z.boolean(),
  count: index.nullable(),
  devices: list(text(512), pushLimits.grantedDevices),
  gpuUuids: list(identifier(longestGpuUuid), pushLimits.grantedDevices),
  instances: list(
    z.object({
      gpuUuid: identifier(longestGpuUuid),
      gpuInstanceId: index,
      computeInstanceId: index.nullable(),
    }),
    pushLimits.grantedDevices,
  ),
  unresolved: list(text(512), pushLimits.grantedDevices),
});

const deviceAccessSchema = z.object({
  state: z.enum(['allowed', 'denied', 'unknown']),
  from: z.enum(['cgroup-v1', 'systemd']).nullable(),
  missing: list(text(512), pushLimits.grantedDevices),
  reason: textOrNull(1024),
});

const startSchema = z.object({
  createdAt: isoTime.nullable(),
  command: textOrNull(4096),
  restartPolicy: textOrNull(64),
  ociRuntime: textOrNull(256),
  isPrivileged: z.boolean().nullable(),
  user: textOrNull(256),
  composeProject: textOrNull(256),
  composeService: textOrNull(256),
});

/** lib/model's Container, with bounds. */
export const containerSchema = z.object({
  id: identifier(longestContainerId),
  name: textOrNull(1024),
  image: textOrNull(1024),
  imageId: textOrNull(256),
  runtime: text(64),
  state: textOrNull(64),
  startedAt: textOrNull(64),
  labels: labels(mostLabels, 8192),
  cudaVersion: textOrNull(64),
  visibleDevices: textOrNull(4096),
  requireCuda: textOrNull(8192),
  namespace: textOrNull(512),
  pod: textOrNull(512),
  gpus: usesSchema,
  nameProblem: textOrNull(1024).optional(),
  podUid: textOrNull(256).optional(),
  slurmJobId: textOrNull(256).optional(),
  uid: pid.nullable().optional(),
  person: personSchema.optional(),
  grant: grantSchema.nullable().optional(),
  deviceAccess: deviceAccessSchema.nullable().optional(),
  start: startSchema.nullable().optional(),
  ...containerStackFields,
});

/** lib/model's Owner, with bounds. */
export const ownerSchema = z.object({
  key: identifier(longestOwnerKey),
  kind: z.enum(ownerKinds),
  name: textOrNull(1024),
  namespace: textOrNull(512),
  podUid: textOrNull(256),
  slurmJobId: textOrNull(256),
  unit: textOrNull(512),
  uid: pid.nullable(),
  person: personSchema,
  nameProblem: textOrNull(1024),
  gpus: usesSchema,
});

/** lib/model's GpuAccounting, with bounds. */
export const accountingSchema = z.object({
  memory: z.object({ ownedBytes: bytes, remainderBytes: bytes, overcountBytes: bytes.unwrap() }),
  sm: z.object({ ownedRatio: looseRatio, remainderRatio: ratio, isOverlap: z.boolean() }),
  sharesSampledAt: isoTime.nullable(),
  sharesProblem: textOrNull(1024),
});
