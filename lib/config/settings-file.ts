import { parse, YAMLParseError } from 'yaml';

export type ReadTextFile = (path: string) => string;

export type SettingsFile = { readonly path: string; readonly values: Readonly<Record<string, unknown>> };

/** Reads the YAML file that GPUFLEET_CONFIG names; null when it names none. Faults name file and line. */
export function readSettingsFile(
  env: Readonly<Record<string, string | undefined>>,
  readFile: ReadTextFile,
): { readonly file: SettingsFile | null; readonly faults: readonly string[] } {
  const path = env['GPUFLEET_CONFIG'];
  if (path === undefined || path === '') return { file: null, faults: [] };
  let text: string;
  try {
    text = readFile(path);
  } catch (error) {
    return { file: null, faults: [`GPUFLEET_CONFIG: cannot read ${path}: ${oneLine(error)}`] };
  }
  try {
    const values: unknown = parse(text, { maxAliasCount: 10 });
    if (values === null || values === undefined) return { file: { path, values: {} }, faults: [] };
    if (typeof values !== 'object' || Array.isArray(values)) {
      return { file: null, faults: [`${path}: must be lines of "setting: value"`] };
    }
    return { file: { path, values: values as Record<string, unknown> }, faults: [] };
  } catch (error) {
    const line = error instanceof YAMLParseError ? error.linePos?.[0].line : undefined;
    const message = oneLine(error).replace(/ at line \d+, column \d+:?$/, '');
    return { file: null, faults: [`${path}${line === undefined ? '' : `:${line}`}: ${message}`] };
  }
}

function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
