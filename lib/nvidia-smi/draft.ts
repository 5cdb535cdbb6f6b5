import type { Gpu } from '../model/index.ts';
import type { Value } from './values.ts';

type Paths<T> = {
  [K in keyof T & string]: NonNullable<T[K]> extends readonly unknown[]
    ? never
    : NonNullable<T[K]> extends object
      ? `${K}.${Paths<NonNullable<T[K]>>}`
      : K;
}[keyof T & string];

/** Every single value of a GPU by its dotted name, so that the field tables cannot name one that is not there. */
export type GpuField = Paths<Gpu>;

/** A Gpu or GpuPatch while it is being filled. */
export type Draft = Record<string, unknown>;

/** Sets a value by its dotted name, making the groups on the way. The names are ours, never the input's. */
export function setField(draft: Draft, field: GpuField, value: Value | null): void {
  const names = splitField(field);
  const last = names.length - 1;
  let group = draft;
  for (let depth = 0; depth < last; depth += 1) {
    const name = names[depth] ?? '';
    const inner = group[name];
    if (typeof inner === 'object' && inner !== null) {
      group = inner as Draft;
    } else {
      const made: Draft = {};
      group[name] = made;
      group = made;
    }
  }
  group[names[last] ?? ''] = value;
}

/** The fields are those of our tables, so there are no more than some 150. */
const namesByField = new Map<GpuField, readonly string[]>();

export function splitField(field: GpuField): readonly string[] {
  const known = namesByField.get(field);
  if (known !== undefined) return known;
  const names = field.split('.');
  namesByField.set(field, names);
  return names;
}
