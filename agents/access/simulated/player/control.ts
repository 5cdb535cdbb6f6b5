import { z } from 'zod';

/** A control file that cannot be played: its message is one line with every fault in it. */
export class ControlError extends Error {}

const seconds = z.number().min(0).max(86_400);
const stubborn = {
  /** SIGTERM does nothing; SIGKILL ends it. */
  ignoreSigterm: z.boolean().optional(),
  /** Played in-process only: not even SIGKILL ends it, as in uninterruptible sleep. The executable ignores SIGTERM. */
  uninterruptible: z.boolean().optional(),
};

/** Faults that need nothing but their name. */
export const plainFaults = [
  'hang-start',
  'hang-mid-sample',
  'driver-not-loaded',
  'version-mismatch',
  'no-devices',
  'insufficient-permissions',
  'unknown-error',
  'library-missing',
  'half-document',
  'other-vendor',
  'garbage',
] as const;

const faultObject = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('slow-start'), seconds }),
  z.strictObject({ kind: z.literal('hang-start'), ...stubborn }),
  z.strictObject({ kind: z.literal('hang-mid-sample'), ...stubborn }),
  z.strictObject({
    kind: z.literal('gpu-lost'),
    gpu: z.int().min(0),
    /** `values`: the document and rows go on, with `GPU is lost` in place of readings. `text`: one line and exit 15. */
    style: z.enum(['values', 'text']).optional(),
  }),
  /** The kernel's log tells this Xid of the GPU; nvidia-smi goes on. */
  z.strictObject({ kind: z.literal('xid'), xid: z.int().min(1).max(9999), gpu: z.int().min(0).default(0) }),
  /** On the PCI bus, and nvidia-smi does not list it. */
  z.strictObject({ kind: z.literal('gpu-missing'), gpu: z.int().min(0) }),
  z.strictObject({
    kind: z.literal('driver-replaced'),
    driverVersion: z.string().regex(/^\d+(\.\d+)+$/),
    cudaVersion: z
      .string()
      .regex(/^\d+\.\d+$/)
      .optional(),
  }),
  /** The driver's packages were upgraded and nothing was restarted: the old module runs, the new files lie on disk. */
  z.strictObject({ kind: z.literal('driver-on-disk'), driverVersion: z.string().regex(/^\d+(\.\d+)+$/) }),
  z.strictObject({
    kind: z.literal('version-mismatch'),
    /** Of the library on disk; unless told, that of the recording. */
    driverVersion: z
      .string()
      .regex(/^\d+(\.\d+)+$/)
      .optional(),
  }),
  ...(
    [
      'driver-not-loaded',
      'no-devices',
      'insufficient-permissions',
      'unknown-error',
      'library-missing',
      'half-document',
      'other-vendor',
      'garbage',
    ] as const
  ).map((kind) => z.strictObject({ kind: z.literal(kind) })),
]);

export type Fault = z.infer<typeof faultObject>;

export const faultSchema = z.union([
  z.enum(plainFaults).transform((kind): Fault => ({ kind })),
  faultObject,
]) as z.ZodType<Fault, Fault | (typeof plainFaults)[number]>;

const processSchema = z.strictObject({
  gpu: z.int().min(0),
  pid: z.int().min(1),
  name: z.string(),
  usedMemoryMiB: z.number().min(0).nullable().default(null),
  type: z.string().default('C'),
  gpuInstanceId: z.int().min(0).nullable().default(null),
  computeInstanceId: z.int().min(0).nullable().default(null),
  /** Shares as pmon prints them; null is a dash. Memory's is 0.4 of the SM share unless told. */
  smPercent: z.number().min(0).max(100).nullable().default(null),
  memPercent: z.number().min(0).max(100).nullable().optional(),
  encPercent: z.number().min(0).max(100).nullable().default(null),
  decPercent: z.number().min(0).max(100).nullable().default(null),
});

/** What a player does beyond repeating the recording. */
export const settingsSchema = z.strictObject({
  seed: z.int().default(1),
  /** True: values move with time. `{ load }` fixes the mean utilization, 0..1, of all GPUs. */
  motion: z.union([z.boolean(), z.strictObject({ load: z.number().min(0).max(1) })]).default(true),
  /** Values by GPU index and `--query-gpu` field; null is N/A. They win over motion. */
  set: z
    .record(
      z.string().regex(/^\d+$/, 'must be a GPU index'),
      z.record(z.string(), z.union([z.number(), z.string(), z.null()])),
    )
    .default({}),
  /** In place of the recorded processes. */
  processes: z.array(processSchema).nullable().default(null),
  fault: faultSchema.nullable().default(null),
  /** How many GPUs; more than recorded are copies under uuids, bus ids and serials of their own. */
  gpuCount: z.int().min(0).max(1024).nullable().default(null),
  /**
   * What the host's software tells in place of what follows from the recording, by name: `toolkitMode`, `noCgroups`,
   * `containerd`, `runc`, `defaultRuntime`, `cdiDriver`, `fabricManager`; null: it is not there.
   */
  software: z.record(z.string(), z.string().nullable()).default({}),
  /** The GPUs are powered down: the PCI bus of a simulated host says so, and nvidia-smi would wake them. */
  asleep: z.boolean().default(false),
  /** `auto`: the kernel lets the GPUs power down when nothing holds them, as on laptops. */
  powerControl: z.enum(['auto', 'on']).default('on'),
  /** A name from which uuids and serials are derived, so that several players of one recording differ. */
  identity: z.string().nullable().default(null),
});

export type PlayerSettings = z.infer<typeof settingsSchema>;
export type PlayerSettingsInput = z.input<typeof settingsSchema>;

const controlSchema = z
  .strictObject({
    /** Folder of a recorded host, relative to the control file. */
    recording: z.string().optional(),
    /** A file with what `nvidia-smi -q -x` printed, relative to the control file. */
    xml: z.string().optional(),
    /** Files that the executable holds open while it runs, as nvidia-smi does `/dev/nvidia0`; relative to the control file. */
    devices: z.array(z.string()).default([]),
    ...settingsSchema.shape,
  })
  .refine((control) => (control.recording === undefined) !== (control.xml === undefined), {
    message: 'needs either "recording" (a folder) or "xml" (a file)',
  });

export type Control = z.infer<typeof controlSchema>;
export type ControlInput = z.input<typeof controlSchema>;

function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map(
    (issue) => `${issue.path.length > 0 ? `${issue.path.join('.')}: ` : ''}${issue.message}`,
  );
  throw new ControlError(faults.join('; '));
}

/** Throws ControlError. */
export function parseControl(text: string): Control {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ControlError(`is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  return checked(controlSchema, value);
}

/** Throws ControlError. */
export const parseSettings = (value: PlayerSettingsInput): PlayerSettings => checked(settingsSchema, value);

/** Throws ControlError. */
export const parseFault = (value: unknown): Fault => checked(faultSchema, value);
