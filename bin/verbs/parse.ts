import { parseArgs } from 'node:util';
import type { ParsedFile } from './parse/form.ts';
import { parseText } from './parse/forms.ts';
import { InputError, readInput } from './parse/input.ts';
import { describeFile } from './parse/table.ts';

const usage = `Usage: gpufleet parse FILE… [--json]

Reads captured outputs of nvidia-smi and its neighbours; what each is, is found by its content. - is stdin.

  --json   one JSON document on stdout: an object for one file, an array for several
  --help   this text

Exit codes: 0 done, 2 bad usage, or a file that cannot be read or is nothing known.
`;

interface Options {
  readonly files: readonly string[];
  readonly json: boolean;
  readonly help: boolean;
}

function readOptions(argv: readonly string[]): Options | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
    return { files: positionals, json: values.json === true, help: values.help === true };
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'bad options';
  }
}

function complain(text: string): void {
  process.stderr.write(`gpufleet parse: ${text}\n`);
}

/** Null when the file cannot be read; that was said on stderr. */
async function parseFile(name: string): Promise<ParsedFile | null> {
  try {
    const parsed = { ...parseText(await readInput(name)), file: name };
    if (parsed.kind === 'unknown') complain(`${name}: is no output that gpufleet knows`);
    return parsed;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    complain(`${name}: ${error.message}`);
    return null;
  }
}

/** The `parse` verb; resolves to its exit code. */
export async function run(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  if (typeof options === 'string') {
    complain(`${options} (gpufleet parse --help tells more)`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  if (options.files.length === 0) {
    complain('no file is named (gpufleet parse --help tells more)');
    return 2;
  }
  const parsed: ParsedFile[] = [];
  for (const name of options.files) {
    const file = await parseFile(name);
    if (file !== null) parsed.push(file);
  }
  write(parsed, options);
  const isWhole = parsed.length === options.files.length && parsed.every(({ kind }) => kind !== 'unknown');
  return isWhole ? 0 : 2;
}

function write(parsed: readonly ParsedFile[], { json, files }: Options): void {
  if (!json) {
    for (const file of parsed) process.stdout.write(describeFile(String(file['file']), file));
    return;
  }
  if (files.length > 1) process.stdout.write(`${JSON.stringify(parsed, null, 2)}\n`);
  else if (parsed[0] !== undefined) process.stdout.write(`${JSON.stringify(parsed[0], null, 2)}\n`);
}
