import type { QueryField } from './field-kinds.ts';
import { queryFields } from './query-fields.ts';
import type { GpuScene } from './scene.ts';

export type { QueryField } from './field-kinds.ts';
export { queryFields } from './query-fields.ts';

const byName = new Map<string, QueryField>();
for (const entry of queryFields) for (const name of [entry.name, ...entry.aliases]) byName.set(name, entry);

const renamed = 535;

/** The field of that name or alias on that branch, or null. Branch 0 (unknown) knows them all. */
export function findField(name: string, branch: number): QueryField | null {
  const found = byName.get(name) ?? null;
  if (found === null || branch === 0) return found;
  if (branch < renamed && name.startsWith('clocks_event_reasons')) return null;
  return found.since <= branch ? found : null;
}

/** The name in the header: `clocks_event_reasons.active` was printed by its older name before 535. */
export function headerName(entry: QueryField, branch: number): string {
  const name =
    branch > 0 && branch < renamed
      ? entry.name.replace('clocks_event_reasons.', 'clocks_throttle_reasons.')
      : entry.name;
  return entry.unit === null ? name : `${name} [${entry.unit}]`;
}

/** The text of a GPU's field as the XML has it, or null where this document lacks it. */
export function fieldText(entry: QueryField, gpu: GpuScene): string | null {
  if (entry.read !== undefined) return entry.read(gpu);
  let last: string | null = null;
  for (const path of entry.paths) {
    const text = gpu.text(path);
    if (text !== null && text !== 'N/A' && text !== '') return text;
    last ??= text;
  }
  return last;
}
