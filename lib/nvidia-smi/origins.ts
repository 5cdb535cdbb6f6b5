import type { FieldOrigin } from '../model/index.ts';
import { queryFieldOf, queryGpuFields, throttleReasonOf } from './query-gpu/fields.ts';
import { eccSums, gpuFields, throttleGroups } from './xml/fields.ts';

const columnsFor = (field: string): readonly string[] =>
  queryGpuFields.filter((column) =>
    throttleReasonOf(column) === 'active' ? field === 'throttleReasons' : queryFieldOf(column)?.to === field,
  );

function eccOrigins(scope: 'volatile' | 'aggregate'): FieldOrigin[] {
  return eccSums.map(({ to, sets }) => ({
    field: `ecc.${scope}.${to}`,
    kind: 'count',
    query: [],
    xml: sets.map((paths) => paths.map((path) => `ecc_errors/${scope}/${path}`).join(' + ')),
  }));
}

/** Where each field of a GPU is read, from the tables that the parsers read by: it cannot say anything else. */
export const fieldOrigins: readonly FieldOrigin[] = [
  { field: 'index', kind: 'index', query: columnsFor('index'), xml: [] },
  ...gpuFields.flatMap(({ to, as, from }): FieldOrigin[] =>
    to === null
      ? []
      : [
          {
            field: to,
            kind: as,
            query: columnsFor(to),
            xml: [...from.map((path) => path.join('/')), ...(to === 'pciBusId' ? ['@id'] : [])],
          },
        ],
  ),
  {
    field: 'throttleReasons',
    kind: 'text',
    query: columnsFor('throttleReasons'),
    xml: throttleGroups.map(({ group, prefix }) => `${group}/${prefix}…`),
  },
  ...eccOrigins('volatile'),
  ...eccOrigins('aggregate'),
];
