import { labelKeyFault, labelValueFault, mostHostLabels } from '../model/index.ts';
import { readLocatedYaml, type YamlFault } from './located-yaml.ts';

export type LabelsFileResult =
  | { readonly ok: true; readonly labels: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly faults: readonly YamlFault[] };

const mostFaults = 10;

/**
 * A host's own labels.yaml: a map such as `rack: a1`. Never throws; with a fault nothing of it counts. Without a
 * schema library, since the agent reads it.
 */
export function readLabelsFile(text: string): LabelsFileResult {
  const yaml = readLocatedYaml(text);
  if (!yaml.ok) return { ok: false, faults: yaml.faults.slice(0, mostFaults) };
  const { value, placeOf, keyPlaceOf } = yaml;
  if (value === null || value === '') return { ok: true, labels: {} };
  if (typeof value !== 'object' || Array.isArray(value))
    return {
      ok: false,
      faults: [{ line: 1, column: 1, message: 'must be lines of "label: value", such as rack: a1' }],
    };
  const entries = Object.entries(value);
  const faults = entries.flatMap(([key, part]) => {
    const { message, isOfKey } = faultOf(key, part);
    return message === null ? [] : [{ ...(isOfKey ? keyPlaceOf([key]) : placeOf([key])), message }];
  });
  if (entries.length > mostHostLabels)
    faults.push({ line: 1, column: 1, message: `has more than ${mostHostLabels} labels` });
  if (faults.length > 0) return { ok: false, faults: faults.slice(0, mostFaults) };
  return { ok: true, labels: Object.fromEntries(entries) as Record<string, string> };
}

function faultOf(
  key: string,
  value: unknown,
): { readonly message: string | null; readonly isOfKey: boolean } {
  const ofKey = labelKeyFault(key);
  if (ofKey !== null) return { message: `the label "${key.slice(0, 80)}" ${ofKey}`, isOfKey: true };
  if (typeof value !== 'string') return { message: `the value of ${key} must be plain text`, isOfKey: true };
  const ofValue = labelValueFault(value);
  return { message: ofValue === null ? null : `the value of ${key} ${ofValue}`, isOfKey: false };
}
