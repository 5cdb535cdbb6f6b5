import type { FieldOrigin, HostDetail, HostRaw } from '../../lib/model/index.ts';

export interface FormulaInput {
  readonly name: string;
  readonly value: string;
  /** As printed; null when it is not known. */
  readonly printed: string | null;
}

/** All that can be said of where one number came from. */
export interface Explanation {
  readonly title: string;
  /** As shown; null: there is none, and `why` says why. */
  readonly value: string | null;
  readonly why: string | null;
  /** The name in the API with the exact value in base units: `memory.usedBytes = 1073741824`. */
  readonly api: string | null;
  /** What was run or read; null for what is computed. */
  readonly command: string | null;
  /** The column, element, file or line that tells it. */
  readonly place: { readonly what: string; readonly name: string } | null;
  /** What stood there; null: not known. */
  readonly printed: string | null;
  readonly conversion: string | null;
  /** Host clock. */
  readonly sampledAt: string | null;
  readonly formula: { readonly text: string; readonly inputs: readonly FormulaInput[] } | null;
}

export interface Known {
  readonly host: HostDetail;
  /** Of the same report as the host; null: no text has come. */
  readonly raw: HostRaw | null;
  readonly origins: readonly FieldOrigin[];
}

/** What is said of a number of which nothing is known. */
export const nothing: Omit<Explanation, 'title'> = {
  value: null,
  why: null,
  api: null,
  command: null,
  place: null,
  printed: null,
  conversion: null,
  sampledAt: null,
  formula: null,
};

/** What `name` of a place is, by the form of its text. */
export const places = {
  query: 'Column',
  xml: 'Element',
  file: 'File',
  command: 'Program',
} as const;

/** A value by its path: `memory.usedBytes`. */
export function valueAt(value: unknown, field: string): unknown {
  return field
    .split('.')
    .reduce<unknown>(
      (at, name) => (typeof at === 'object' && at !== null ? Reflect.get(at, name) : null),
      value,
    );
}
