import type { GpuScene } from './scene.ts';

/** A field of `--query-gpu`: where its value stands in the XML, and how the CSV prints it. */
export interface QueryField {
  readonly name: string;
  readonly aliases: readonly string[];
  /** First driver branch that knows the field; one that we could not date has 0. */
  readonly since: number;
  /** Printed in the header and after the number: `MiB`; null for numbers and words without one. */
  readonly unit: string | null;
  /** Paths below the GPU; the first that is there and tells something is printed. */
  readonly paths: readonly string[];
  /** Computed instead of read. */
  readonly read?: (gpu: GpuScene) => string;
  /** From the XML's text to the CSV's, without unit and brackets. */
  readonly form: 'plain' | 'number' | 'hex' | 'bare' | 'bare-number';
  /** How a number set by the control file is written into the XML. */
  readonly written: { readonly unit: string; readonly decimals: number };
}

type Details = Partial<Pick<QueryField, 'aliases' | 'since' | 'read'>>;

export const field = (
  name: string,
  paths: string | readonly string[],
  rest: Details & Partial<Pick<QueryField, 'unit' | 'form' | 'written'>> = {},
): QueryField => ({
  name,
  paths: typeof paths === 'string' ? [paths] : paths,
  aliases: [],
  since: 0,
  unit: null,
  form: 'plain',
  written: { unit: '', decimals: 0 },
  ...rest,
});

export const withUnit =
  (unit: string, decimals = 0) =>
  (name: string, paths: string | readonly string[], rest: Details = {}): QueryField =>
    field(name, paths, { unit, form: 'number', written: { unit: ` ${unit}`, decimals }, ...rest });

export const percent = withUnit('%');
export const mebibytes = withUnit('MiB');
export const watts = withUnit('W', 2);
export const megahertz = withUnit('MHz');
export const microseconds = withUnit('us');

export const count = (name: string, paths: string | readonly string[], rest: Details = {}): QueryField =>
  field(name, paths, { form: 'number', ...rest });
export const celsius = (name: string, paths: string | readonly string[], rest: Details = {}): QueryField =>
  field(name, paths, { form: 'number', written: { unit: ' C', decimals: 0 }, ...rest });
export const hexadecimal = (name: string, path: string, rest: Details = {}): QueryField =>
  field(name, path, { form: 'hex', ...rest });
export const bare = (name: string, path: string, rest: Details = {}): QueryField =>
  field(name, path, { form: 'bare', ...rest });
