import { z } from 'zod';
import {
  type OwnerDetail,
  type OwnerRow,
  personSources,
  type WasteReport,
  wasteGroupings,
} from '../../model/index.ts';
import { reportSchema } from '../../protocol/index.ts';
import { containerViewSchema, type Describes } from './schemas.ts';

const count = z.int().min(0);
const number = z.number().nullable();
const text = z.string().nullable();
const seconds = z.number();
const person = z.object({ name: text, from: z.enum(personSources), isInferred: z.boolean() });

export const ownerRowSchema = z.object({
  hostId: z.string(),
  hostname: z.string(),
  group: z.string(),
  key: z.string(),
  runtime: z.string(),
  isContainer: z.boolean(),
  name: text,
  nameProblem: text,
  image: text,
  cudaVersion: text,
  hostCudaVersion: text,
  namespace: text,
  pod: text,
  person: person.nullable(),
  state: text,
  startedAt: text,
  current: z.boolean(),
  gpus: z.array(z.object({ uuid: z.string(), index: z.int().nullable(), gpuInstanceId: count.nullable() })),
  usedMemoryBytes: number,
  smRatio: number,
  grantedGpus: count.nullable(),
  isGrantedIdle: z.boolean(),
});

const past = z.object({
  hostId: z.string(),
  hostname: z.string(),
  group: z.string(),
  key: z.string(),
  runtime: z.string(),
  name: text,
  image: text,
  cudaVersion: text,
  namespace: text,
  pod: text,
  person: person.nullable(),
  startedAt: text,
  gpus: z.array(z.object({ gpuUuid: z.string(), from: z.iso.datetime(), to: z.iso.datetime() })),
});

export const ownerDetailSchema = z.object({
  serverTime: z.iso.datetime(),
  container: containerViewSchema.nullable(),
  owner: reportSchema.shape.owners.unwrap().out.element.nullable(),
  past: past.nullable(),
});

const sums = {
  occupiedSeconds: seconds,
  grantedSeconds: seconds,
  usedSeconds: seconds,
  idleSeconds: seconds,
  untoldSeconds: seconds,
  smSeconds: seconds,
  workFreeByteSeconds: z.number(),
  energyJoules: number,
  cost: number,
  idleCost: number,
};

export const wasteSchema = z.object({
  month: z.string(),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  isOver: z.boolean(),
  by: z.enum(wasteGroupings),
  idleAfterSeconds: seconds,
  prices: z.object({ currency: z.string(), perGpuHour: number, perKilowattHour: number }),
  definitions: z.record(z.string(), z.string()),
  rows: z.array(
    z.object({
      name: text,
      owners: count,
      gpus: count,
      owner: z
        .object({
          hostId: z.string(),
          key: z.string(),
          hostname: z.string(),
          runtime: text,
          image: text,
          namespace: text,
          pod: text,
          group: text,
          person: text,
          personFrom: z.enum(personSources).nullable(),
          isInferred: z.boolean(),
        })
        .nullable(),
      ...sums,
    }),
  ),
  total: z.object(sums),
});

/** Fails to compile when what is documented and what is answered drift apart. */
export const documentsOwners: readonly [
  Describes<typeof ownerRowSchema, OwnerRow>,
  Describes<typeof ownerDetailSchema, OwnerDetail>,
  Describes<typeof wasteSchema, WasteReport>,
] = [true, true, true];
