import { type CsvValue, toCsv } from './csv.ts';

/** Every single value of an object with its dotted name, as the API names it; lists of objects by their position. */
export function flatValues(
  value: object,
  prefix = '',
): readonly (readonly [name: string, value: CsvValue])[] {
  return Object.entries(value).flatMap(([key, part]: [string, unknown]) => {
    const name = `${prefix}${key}`;
    if (Array.isArray(part) && part.every((item) => typeof item !== 'object'))
      return [[name, part.join(' ')] as const];
    if (typeof part === 'object' && part !== null) return flatValues(part, `${name}.`);
    return [[name, part as CsvValue] as const];
  });
}

/** Two columns: the field as the API names it, and its value in the unit of its name. */
export function fieldsCsv(value: object): string {
  return toCsv<readonly [string, CsvValue]>(
    [
      { header: 'Field', value: ([name]) => name },
      { header: 'Value', value: ([, told]) => told },
    ],
    flatValues(value),
  );
}
