import { findField, type QueryField } from './fields.ts';
import { unknownAppField } from './forms/processes.ts';
import type { CsvFormat } from './forms/query-gpu.ts';

/** What a command line asks of nvidia-smi. */
export interface Request {
  readonly form:
    | { readonly kind: 'xml' | 'list' | 'version' | 'help' | 'help-query-gpu' | 'gpu-instances' }
    | { readonly kind: 'query-gpu'; readonly fields: readonly QueryField[]; readonly format: CsvFormat }
    | { readonly kind: 'compute-apps'; readonly names: readonly string[]; readonly format: CsvFormat }
    | { readonly kind: 'pmon' };
  /** `-i`: indexes, uuids or bus ids; null is all. */
  readonly targets: readonly string[] | null;
  /** Null: once. */
  readonly everyMilliseconds: number | null;
  /** How many samples of a loop; null is without end. */
  readonly samples: number | null;
}

/** A command line that nvidia-smi refuses: what it prints, with exit code 2. */
export interface Refusal {
  readonly refusal: string;
}

const combination: Refusal = {
  refusal: "Invalid combination of input arguments. Please run 'nvidia-smi -h' for help.\n",
};

interface Options {
  flags: Set<string>;
  values: Map<string, string>;
  words: string[];
}

const valued: Readonly<Record<string, string>> = {
  '-i': 'id',
  '--id': 'id',
  '-l': 'loop',
  '--loop': 'loop',
  '-lms': 'loop-ms',
  '--loop-ms': 'loop-ms',
  '--query-gpu': 'query-gpu',
  '--query-compute-apps': 'query-compute-apps',
  '--format': 'format',
  '-c': 'count',
  '--count': 'count',
  '-d': 'delay',
  '--delay': 'delay',
  '-s': 'select',
  '--select': 'select',
};

const flagNames: Readonly<Record<string, string>> = {
  '-q': 'query',
  '--query': 'query',
  '-x': 'xml',
  '--xml-format': 'xml',
  '-L': 'list',
  '--list-gpus': 'list',
  '--version': 'version',
  '-h': 'help',
  '--help': 'help',
  '--help-query-gpu': 'help-query-gpu',
  '-lgi': 'gpu-instances',
  '--list-gpu-instances': 'gpu-instances',
};

function readOptions(argv: readonly string[]): Options | Refusal {
  const options: Options = { flags: new Set(), values: new Map(), words: [] };
  for (let position = 0; position < argv.length; position += 1) {
    const argument = argv[position] ?? '';
    const [name = '', inline] = argument.startsWith('-') ? argument.split(/=(.*)/s, 2) : [argument];
    const flag = flagNames[argument];
    const option = valued[name];
    if (flag !== undefined) options.flags.add(flag);
    else if (option !== undefined) {
      const value = inline ?? argv[position + 1];
      if (inline === undefined) position += 1;
      options.values.set(option, value ?? '');
    } else if (!argument.startsWith('-')) options.words.push(argument);
    else
      return {
        refusal: `ERROR: Option ${argument} is not recognized. Please run 'nvidia-smi -h' for help.\n`,
      };
  }
  return options;
}

function readFormat(text: string | undefined): CsvFormat | Refusal {
  if (text === undefined)
    return { refusal: '"--format=" switch is missing. Please run \'nvidia-smi -h\' for help.\n' };
  const words = text.split(',').map((word) => word.trim());
  const unknown = words.find((word) => !['csv', 'noheader', 'nounits'].includes(word));
  if (unknown !== undefined || !words.includes('csv'))
    return { refusal: `Format "${unknown ?? text}" is not a valid format.\n` };
  return { header: !words.includes('noheader'), units: !words.includes('nounits') };
}

const names = (text: string): string[] => text.split(',').map((name) => name.trim());
const invalidField = (name: string): Refusal => ({
  refusal: `Field "${name}" is not a valid field to query.\n\n`,
});

type Form = Request['form'] | Refusal;

function queryForm(options: Options, branch: number): Form {
  const format = readFormat(options.values.get('format'));
  if ('refusal' in format) return format;
  const gpuFields = options.values.get('query-gpu');
  if (gpuFields !== undefined) {
    const fields: QueryField[] = [];
    for (const name of names(gpuFields)) {
      const found = findField(name, branch);
      if (found === null) return invalidField(name);
      fields.push(found);
    }
    return { kind: 'query-gpu', fields, format };
  }
  const apps = names(options.values.get('query-compute-apps') ?? '');
  const unknown = unknownAppField(apps);
  return unknown === null ? { kind: 'compute-apps', names: apps, format } : invalidField(unknown);
}

function formOf(options: Options, branch: number): Form {
  const { flags, values, words } = options;
  if (words[0] === 'pmon') return { kind: 'pmon' };
  if (words[0] === 'mig') return flags.has('gpu-instances') ? { kind: 'gpu-instances' } : combination;
  if (words.length > 0) return combination;
  if (flags.has('help')) return { kind: 'help' };
  if (flags.has('help-query-gpu')) return { kind: 'help-query-gpu' };
  if (flags.has('version')) return { kind: 'version' };
  if (values.has('query-gpu') || values.has('query-compute-apps')) return queryForm(options, branch);
  if (flags.has('list')) return { kind: 'list' };
  if (flags.has('query') && flags.has('xml')) return { kind: 'xml' };
  return combination;
}

/** @param argv without the program's name */
export function readArguments(argv: readonly string[], branch: number): Request | Refusal {
  const options = readOptions(argv);
  if ('refusal' in options) return options;
  const form = formOf(options, branch);
  if ('refusal' in form) return form;
  const { values } = options;
  const loop = values.get('loop');
  const loopMilliseconds = values.get('loop-ms');
  const every =
    loopMilliseconds !== undefined
      ? Number(loopMilliseconds)
      : loop === undefined
        ? null
        : Number(loop) * 1000;
  if (every !== null && !(every >= 1)) return combination;
  const isPmon = form.kind === 'pmon';
  return {
    form,
    targets: values.has('id') ? names(values.get('id') ?? '') : null,
    everyMilliseconds: isPmon ? Math.max(1, Number(values.get('delay') ?? 1)) * 1000 : every,
    samples: isPmon && values.has('count') ? Number(values.get('count')) : null,
  };
}
