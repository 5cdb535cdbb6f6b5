import { once } from 'node:events';
import { parseArgs } from 'node:util';
import type { ParsedFile } from './parse/form.ts';
import { parseText } from './parse/forms.ts';
import { InputError, mostBytes, mostLines, readInput } from './parse/input.ts';
import { describeFile } from './parse/table.ts';

const usage = `Usage: gpufleet parse FILE… [--json]

Reads captured outputs of nvidia-smi and its neighbours; what each is, is found by its content. - is stdin.
Of an input of more than 8 MiB or 200,000 lines the beginning is read.

  --json   one JSON document on stdout: an object for one file, an array for several
  --help   this text

Exit codes: 0 done, 2 bad usage, or a file that cannot be read or is nothing known, 3 the output takes no more.
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
    const { text, isCut } = await readInput(name);
    const parsed = { ...withCut(parseText(text), isCut), file: name };
    if (parsed.kind === 'unknown') complain(`${name}: is no output that gpufleet knows`);
    return parsed;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    complain(`${name}: ${error.message}`);
    return null;
  }
}

function withCut(parsed: ParsedFile, isCut: boolean): ParsedFile {
  if (!isCut) return parsed;
  const message = `the input has more than ${mostBytes / 1024 / 1024} MiB or ${mostLines} lines: only its beginning was read`;
  return { ...parsed, failure: { code: 'truncated', message, gpu: null } };
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
  return writeFiles(options);
}

/** One file after the other, so that one at a time is in memory. */
async function writeFiles({ files, json }: Options): Promise<number> {
  const isArray = json && files.length > 1;
  let written = 0;
  let isWhole = true;
  if (isArray) await write('[');
  for (const name of files) {
    const file = await parseFile(name);
    isWhole = isWhole && file !== null && file.kind !== 'unknown';
    if (file === null) continue;
    if (isArray) await write(written === 0 ? '\n' : ',\n');
    await write(json ? JSON.stringify(file, null, 2) : describeFile(name, file));
    if (json && !isArray) await write('\n');
    written += 1;
  }
  if (isArray) await write(written === 0 ? ']\n' : '\n]\n');
  return isWhole ? 0 : 2;
}

/** Waits for a slow reader, so that no more than one file's output is kept for it. */
async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}
