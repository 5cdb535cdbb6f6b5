import { z } from 'zod';
import { failureCodes, longestGpuUuid, longestOwnerKey } from '../model/index.ts';
import {
  bytes,
  bytesPerSecond,
  celsius,
  countOrNull,
  flag,
  hertz,
  identifier,
  index,
  isoTime,
  joules,
  list,
  looseRatio,
  pid,
  ratio,
  text,
  textOrNull,
  watts,
} from './fields.ts';
import { pushLimits } from './limits.ts';
import { accountingSchema } from './owner-schema.ts';

export const failureSchema = z.object({
  code: z.enum(failureCodes),
  message: text(16_384),
  gpu: textOrNull(256),
});

const mode = z.object({ current: flag, pending: flag }).nullable();
const memoryUse = z.object({ totalBytes: bytes, usedBytes: bytes, freeBytes: bytes });
const eccCounts = z.object({ correctable: countOrNull, uncorrectable: countOrNull });
const instanceId = index.nullable();

const processOwnerSchema = z.object({
  runtime: z
    .enum([
      'docker',
      'podman',
      'containerd',
      'crio',
      'kubernetes',
      'slurm',
      'lxc',
      'systemd',
      'user',
      'unknown',
    ])
    .nullable(),
  containerId: textOrNull(256),
  podUid: textOrNull(256),
  slurmJobId: textOrNull(256),
  unit: textOrNull(512),
});

const processSchema = z.object({
  pid,
  type: textOrNull(32),
  name: textOrNull(4096),
  usedMemoryBytes: bytes,
  smRatio: ratio,
  gpuInstanceId: instanceId,
  computeInstanceId: instanceId,
  owner: processOwnerSchema.nullable(),
  ownerKey: textOrNull(longestOwnerKey).optional(),
  memoryRatio: ratio.optional(),
  encoderRatio: ratio.optional(),
  decoderRatio: ratio.optional(),
  uid: pid.nullable().optional(),
  userName: textOrNull(256).optional(),
  command: textOrNull(4096).optional(),
});

const migDeviceSchema = z.object({
  index,
  gpuInstanceId: instanceId,
  computeInstanceId: instanceId,
  uuid: textOrNull(256),
  profile: textOrNull(64),
  memory: memoryUse,
});

const identity = {
  uuid: identifier(longestGpuUuid).nullable(),
  index: index.nullable(),
  name: textOrNull(256),
  brand: textOrNull(128),
  architecture: textOrNull(128),
  computeCapability: textOrNull(32),
  pciBusId: textOrNull(64),
  serial: textOrNull(128),
  vbiosVersion: textOrNull(64),
  minorNumber: index.nullable(),
  performanceState: textOrNull(32),
  persistenceMode: flag,
  computeMode: textOrNull(64),
  migMode: mode,
  eccMode: mode,
  addressingMode: textOrNull(64),
  virtualizationMode: textOrNull(64),
};

const readings = {
  utilization: z.object({
    gpuRatio: ratio,
    memoryRatio: ratio,
    encoderRatio: ratio,
    decoderRatio: ratio,
    jpegRatio: ratio,
    ofaRatio: ratio,
  }),
  memory: memoryUse.extend({ reservedBytes: bytes }),
  bar1: memoryUse,
  temperature: z.object({
    gpuCelsius: celsius,
    memoryCelsius: celsius,
    slowdownCelsius: celsius,
    shutdownCelsius: celsius,
    targetCelsius: celsius,
  }),
  power: z.object({
    drawWatts: watts,
    averageWatts: watts,
    instantWatts: watts,
    limitWatts: watts,
    defaultLimitWatts: watts,
    minLimitWatts: watts,
    maxLimitWatts: watts,
  }),
  clocks: z.object({
    graphicsHertz: hertz,
    smHertz: hertz,
    memoryHertz: hertz,
    videoHertz: hertz,
    maxGraphicsHertz: hertz,
    maxSmHertz: hertz,
    maxMemoryHertz: hertz,
  }),
  fanRatio: looseRatio,
  throttleReasons: list(text(128), pushLimits.throttleReasons).nullable(),
  pcie: z.object({
    generation: countOrNull,
    maxGeneration: countOrNull,
    width: countOrNull,
    maxWidth: countOrNull,
    txBytesPerSecond: bytesPerSecond,
    rxBytesPerSecond: bytesPerSecond,
    replays: countOrNull,
  }),
};

const health = {
  ecc: z.object({ volatile: eccCounts, aggregate: eccCounts }),
  remappedRows: eccCounts.extend({ pending: flag, failure: flag }),
  retiredPages: z.object({ singleBit: countOrNull, doubleBit: countOrNull, pending: flag }),
  recoveryAction: textOrNull(128),
  fabric: z.object({ state: textOrNull(128), status: textOrNull(128) }),
  energyJoules: joules,
};

/** lib/model's ReportedGpu, with bounds. */
export const gpuSchema = z.object({
  ...identity,
  ...readings,
  ...health,
  migDevices: list(migDeviceSchema, pushLimits.migDevices),
  processes: list(processSchema, pushLimits.processesPerGpu),
  state: z.enum(['ok', 'lost', 'failed']),
  failure: failureSchema.nullable(),
  sampledAt: isoTime,
  detailsSampledAt: isoTime.nullable(),
  detailsMemoryUsedBytes: bytes,
  accounting: accountingSchema.optional(),
  newFields: list(z.object({ name: identifier(128), value: text(1024) }), pushLimits.newFields).optional(),
});
