import { explainField } from './explain-field.ts';
import { explainHost } from './explain-host.ts';
import { explainEnergy, explainOwner, explainUnattributed } from './explain-sums.ts';
import { type Explanation, type Known, nothing } from './explanation.ts';
import type { Subject } from './subject.ts';

/** Where a number came from: command, place, text and time, or the formula with its inputs. Pure. */
export function explain(subject: Subject, known: Known): Explanation {
  if (subject.kind === 'field') return explainField(subject, known);
  if (subject.kind === 'host') return explainHost(subject, known);
  if (subject.kind === 'owner') return explainOwner(subject, known);
  const gpu = known.host.gpus.find(({ uuid }) => uuid === subject.gpuUuid);
  if (gpu === undefined)
    return { ...nothing, title: subject.label, why: 'This GPU is in no report any more.' };
  return subject.kind === 'energy'
    ? explainEnergy(gpu, known, subject.label)
    : explainUnattributed(gpu, known, subject.label);
}
