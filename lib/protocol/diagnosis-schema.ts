import { z } from 'zod';
import { mostFindingLines, mostFindings } from '../model/index.ts';
import { identifier, isoTime, list, seconds, text } from './fields.ts';

const checkName = identifier(64);
const lines = list(text(1024), mostFindingLines);

/** What the doctor says of a host; see lib/model/doctor.ts. */
export const diagnosisSchema = z.object({
  checkedAt: isoTime,
  durationSeconds: seconds,
  findings: list(
    z.object({
      code: identifier(64),
      check: checkName,
      severity: z.enum(['critical', 'warning', 'info']),
      what: text(1024),
      why: text(1024),
      fix: lines,
      evidence: lines,
    }),
    mostFindings,
  ),
  passed: list(checkName, 64),
  notApplicable: list(checkName, 64),
  unknown: list(z.object({ check: checkName, why: text(1024) }), 64),
});
