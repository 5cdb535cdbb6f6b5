import { z } from 'zod';
import {
  type ContainerView,
  type Fault,
  type GpuDetail,
  grantFindingKinds,
  type HostDetail,
  type HostSummary,
  labelSources,
  type RangeResult,
} from '../../model/index.ts';
import {
  agentSchema,
  diagnosisSchema,
  exitSchema,
  faultsSchema,
  gpuSchema,
  notesSchema,
  pauseSchema,
  pciGpusSchema,
  rawSchema,
  reportSchema,
} from '../../protocol/index.ts';
import { containerCompatSchema } from './compat-schemas.ts';
import type { Describes } from './describes.ts';

const count = z.int().min(0);
const number = z.number().nullable();
const text = z.string().nullable();

const reportShape = reportSchema.shape;
const containerShape = reportShape.containers.out.element.shape;

const gpuSummary = z.object({
  uuid: z.string(),
  index: z.int().nullable(),
  name: text,
  state: gpuSchema.shape.state,
  utilizationRatio: number,
  memoryUsedBytes: number,
  memoryTotalBytes: number,
  temperatureCelsius: number,
  powerWatts: number,
  powerLimitWatts: number,
  throttleReasons: z.array(z.string()).nullable(),
  migDevices: z.array(z.object({ profile: text, memoryUsedBytes: number, memoryTotalBytes: number })),
  processCount: count,
  faults: z.array(
    z.object({
      severity: z.enum(['critical', 'warning']),
      key: z.string(),
      title: z.string(),
      since: z.iso.datetime().nullable(),
    }),
  ),
});

export const hostLabel = z.object({ key: z.string(), value: z.string(), source: z.enum(labelSources) });

const hostCommon = {
  id: z.string(),
  hostname: z.string(),
  group: z.string(),
  labels: z.array(hostLabel),
  state: z.enum([
    'ok',
    'starting',
    'gpu-lost',
    'driver-failed',
    'driver-hung',
    'no-gpus',
    'paused',
    'late',
    'gone',
  ]),
  stateReason: z.string(),
  stateSince: z.iso.datetime(),
  lastReportAt: z.iso.datetime().nullable(),
  intervalSeconds: z.number(),
  current: z.boolean(),
  driverVersion: text,
  cudaVersion: text,
  containerCount: count,
  maintenance: z.object({ until: z.iso.datetime(), reason: text }).nullable(),
};

export const hostSummarySchema = z.object({ ...hostCommon, gpus: z.array(gpuSummary) });

export const gpuDetailSchema = gpuSchema.extend({
  hostId: z.string(),
  hostname: z.string(),
  current: z.boolean(),
  ageSeconds: number,
  unattributed: z.object({ usedMemoryBytes: number, overcountBytes: z.number(), pids: z.array(count) }),
});

export const hostRawSchema = z.object({
  takenAt: z.iso.datetime({ offset: true }).nullable(),
  gpus: rawSchema.shape.gpus,
  host: rawSchema.shape.host,
});

export const fieldOriginSchema = z.object({
  field: z.string(),
  kind: z.string(),
  query: z.array(z.string()),
  xml: z.array(z.string()),
});

/** lib/model's GrantFinding. */
export const grantFindingSchema = z.object({
  kind: z.enum(grantFindingKinds),
  severity: z.enum(['critical', 'warning', 'info']),
  containerId: z.string(),
  otherContainerIds: z.array(z.string()),
  gpuUuid: text,
  text: z.string(),
  fix: text,
});

const containerUse = containerShape.gpus.out.element.extend({ gpuIndex: z.int().nullable(), gpuName: text });
export const containerViewSchema = z.object({
  ...containerShape,
  hostId: z.string(),
  hostname: z.string(),
  group: z.string(),
  hostDriverVersion: text,
  hostCudaVersion: text,
  hostToolkitVersion: text,
  current: z.boolean(),
  compat: containerCompatSchema.nullable(),
  exit: exitSchema.nullable(),
  findings: z.array(grantFindingSchema),
  gpus: z.array(containerUse),
});

export const faultSchema = z.object({
  kind: z.string(),
  key: z.string(),
  severity: z.enum(['critical', 'warning', 'info']),
  gpuUuid: text,
  gpuIndex: z.int().nullable(),
  pciBusId: text,
  xid: count.nullable(),
  title: z.string(),
  detail: text,
  advice: z.string(),
  source: text,
  count: count.nullable(),
  since: z.iso.datetime().nullable(),
  lastAt: z.iso.datetime().nullable(),
});

export const hostDetailSchema = z.object({
  ...hostCommon,
  hiddenLabels: z.array(hostLabel),
  condition: reportShape.condition.nullable(),
  failure: reportShape.failure,
  takenAt: z.iso.datetime().nullable(),
  ageSeconds: number,
  clockOffsetSeconds: number,
  stack: reportShape.stack.nullable(),
  agent: agentSchema.nullable(),
  gpus: z.array(gpuDetailSchema),
  containers: z.array(containerViewSchema),
  failedContainers: z.array(containerViewSchema),
  owners: reportShape.owners.unwrap(),
  grantFindings: z.array(grantFindingSchema),
  sources: reportShape.sources,
  problems: reportShape.problems,
  pciGpus: pciGpusSchema.nullable(),
  faults: z.array(faultSchema),
  faultCounts: faultsSchema.nullable(),
  pause: pauseSchema.nullable(),
  notes: notesSchema,
  askedPause: z.object({ until: z.iso.datetime(), by: z.string(), reason: text }).nullable(),
  doctor: diagnosisSchema.nullable(),
});

export const rangeResultSchema = z.object({
  metric: z.string(),
  unit: z.string(),
  fromSeconds: z.number(),
  toSeconds: z.number(),
  stepSeconds: z.number(),
  resolution: z.string(),
  series: z.array(
    z.object({
      labels: z.record(z.string(), z.string()),
      points: z.array(z.tuple([z.number(), z.number(), z.number(), z.number()])),
    }),
  ),
});

export const pageSchema = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: text, total: count });

export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
});

export type { Describes };

/** Fails to compile when what is documented and what is answered drift apart. */
export const documentsTheModel: readonly [
  Describes<typeof hostSummarySchema, HostSummary>,
  Describes<typeof hostDetailSchema, HostDetail>,
  Describes<typeof containerViewSchema, ContainerView>,
  Describes<typeof gpuDetailSchema, GpuDetail>,
  Describes<typeof faultSchema, Fault>,
  Describes<
    z.ZodObject<Pick<typeof rangeResultSchema.shape, 'metric' | 'unit'>>,
    Pick<RangeResult, 'metric' | 'unit'>
  >,
] = [true, true, true, true, true, true];
