import { labelKeyFault, labelValueFault, mostHostLabels } from '../model/index.ts';
import { readLocatedYaml } from './located-yaml.ts';

export type LabelsFileResult =
  | { readonly ok: true; readonly labels: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly faults: readonly { readonly line: number; readonly message: string }[] };

const mostFaults = 10;

/**
 * A host's own labels.yaml: a map such as `rack: a1`. Never throws; with a fault nothing of it counts. Without a
 * schema library, since the agent reads it.
 */
export function readLabelsFile(text: string): LabelsFileResult {
  const yaml = readLocatedYaml(text);
  if (!yaml.ok) return { ok: false, faults: [{ line: yaml.line, message: yaml.message }] };
  const { value, lineOf } = yaml;
  if (value === null || value === '') return { ok: true, labels: {} };
  if (typeof value !== 'object' || Array.isArray(value))
    return { ok: false, faults: [{ line: 1, message: 'must be lines of "label: value", such as rack: a1' }] };
  const entries = Object.entries(value);
  const faults = entries.flatMap(([key, part]) => {
    const message = faultOf(key, part);
    return message === null ? [] : [{ line: lineOf([key]), message }];
  });
  if (entries.length > mostHostLabels)
    faults.push({ line: 1, message: `has more than ${mostHostLabels} labels` });
  if (faults.length > 0) return { ok: false, faults: faults.slice(0, mostFaults) };
  return { ok: true, labels: Object.fromEntries(entries) as Record<string, string> };
}

function faultOf(key: string, value: unknown): string | null {
  const ofKey = labelKeyFault(key);
  if (ofKey !== null) return `the label "${key.slice(0, 80)}" ${ofKey}`;
  if (typeof value !== 'string') return `the value of ${key} must be plain text`;
  const ofValue = labelValueFault(value);
  return ofValue === null ? null : `the value of ${key} ${ofValue}`;
}
