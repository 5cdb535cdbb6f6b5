import { z } from 'zod';
import { cudaEvidences, injections } from '../model/index.ts';
import { identifier, isoTime, list, seconds, text, textOrNull } from './fields.ts';
import { pushLimits } from './limits.ts';

/** lib/model's ContainerStackFacts, with bounds; older agents leave them out. */
export const containerStackFields = {
  injection: z
    .object({ way: z.enum(injections).nullable(), reason: text(512) })
    .nullable()
    .optional(),
  requirements: z
    .object({
      variables: z
        .record(z.string().regex(/^NVIDIA_REQUIRE_[A-Z0-9_]{1,64}$/), text(8192))
        .refine(
          (variables) => Object.keys(variables).length <= pushLimits.requirementsPerContainer,
          `at most ${pushLimits.requirementsPerContainer}`,
        ),
      disableRequire: textOrNull(64),
      driverCapabilities: textOrNull(512),
    })
    .nullable()
    .optional(),
  cuda: z
    .object({
      evidence: list(z.object({ kind: z.enum(cudaEvidences), version: identifier(32), from: text(512) }), 8),
      compat: z
        .object({ driverVersion: textOrNull(64), from: text(512), isMapped: z.boolean().nullable() })
        .nullable(),
      isLookedInto: z.boolean(),
      problem: textOrNull(512),
    })
    .nullable()
    .optional(),
};

export const exitSchema = z.object({
  exitCode: z.int().min(-1024).max(1024).nullable(),
  error: textOrNull(4096),
  reasonProblem: textOrNull(512),
  isOutOfMemory: z.boolean().nullable(),
  at: isoTime,
  ranSeconds: seconds.nullable(),
  didStart: z.boolean().nullable(),
});
