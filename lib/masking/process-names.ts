import { masked } from './patterns.ts';

/** A process's name may be its whole command line: only the program stays. One that a table cut at its left side goes. */
function programOf(name: string): string {
  const [program = '', ...rest] = name.trim().split(/\s+/);
  if (program.startsWith('...')) return masked;
  return rest.length === 0 ? program : `${program} ${masked}`;
}

/** What a command line with line breaks goes on with is dropped, since nothing tells what is in it. */
const dropped = null;

type LineMasker = (line: string) => string | typeof dropped;

/** `Name : python …` of `-q`, between `Process ID` and `Used GPU Memory`. */
function ofText(): LineMasker {
  let isProcess = false;
  let isNamed = false;
  return (line) => {
    const named = /^([ \t]+Name[ \t]*: ?)(.*)$/.exec(line);
    if (named !== null && !isNamed) {
      isNamed = isProcess;
      return `${named[1]}${programOf(named[2] ?? '')}`;
    }
    if (/^[ \t]*(?:Used GPU Memory|Process ID)[ \t]*:|^GPU [0-9A-F]{4,8}:/i.test(line)) {
      isNamed = false;
      isProcess = /^[ \t]*Process ID/.test(line);
    }
    return isNamed ? dropped : line;
  };
}

const rowBegin =
  /^\|\s+\d{1,4}\s+(?:(?:\d{1,5}|N\/A)\s+(?:\d{1,5}|N\/A)\s+)?\d{1,10}\s+(?:[A-Z+]{1,5}\s+)?(?=\S)/;
const rowEnd = /(?<!\s)\s*(?:\d{1,9} ?MiB|N\/A|\[[A-Za-z ]{1,40}\])\s{0,20}\|\s{0,8}$/;
const noProcess =
  /^\|[\s=]*\|\s*$|^\|\s+GPU\s.*\|\s*$|^\|\s+(?:ID\s|Usage).*\|\s*$|^\|\s+(?:No running|\d{1,4}\s+Not Supported).*\|\s*$|^\s*$/;

/** The rows of `nvidia-smi` without arguments, below its title of processes. */
function ofTable(): LineMasker {
  let isBelow = false;
  return (line) => {
    if (/^\|\s*(?:Compute )?Processes:/i.test(line)) isBelow = true;
    else if (/^\+[-=+]+\+\s*$/.test(line)) isBelow = false;
    else if (isBelow && !noProcess.test(line)) {
      const begin = rowBegin.exec(line)?.[0];
      if (begin === undefined) return dropped;
      const rest = line.slice(begin.length);
      const end = rowEnd.exec(rest)?.[0] ?? ' |';
      const name = rest.slice(0, Math.max(0, rest.length - end.length));
      return `${begin}${programOf(name).padEnd(name.length)}${end}`;
    }
    return line;
  };
}

const cellForms: ReadonlyMap<string, RegExp> = new Map([
  ['gpu_uuid', /^(?:GPU|MIG)-/],
  ['gpu_bus_id', /^[0-9A-F]{4,8}:/i],
  ['pid', /^(?:\d{1,10}|\[.*\])$/],
]);

/** The rows of `--query-compute-apps=…`; the name alone may hold commas. */
function ofApps(fields: readonly string[]): LineMasker {
  const at = fields.findIndex((field) => field === 'process_name' || field === 'name');
  const behind = fields.length - 1 - at;
  let hasBegun = false;
  return (line) => {
    const cells = line.split(/, ?/);
    if (fields.every((field, index) => cells[index]?.startsWith(field) === true)) {
      hasBegun = true;
      return line;
    }
    const isRow =
      cells.length > at &&
      fields.every(
        (field, index) => index >= at || cellForms.get(field)?.test(cells[index] ?? '') !== false,
      ) &&
      (hasBegun || cells.length >= fields.length);
    if (!isRow) return hasBegun && !/^\s*$|^WARNING: infoROM/.test(line) ? dropped : line;
    hasBegun = true;
    const isWhole = cells.length >= fields.length;
    const name = cells.slice(at, isWhole ? cells.length - behind : undefined).join(', ');
    return [
      ...cells.slice(0, at),
      programOf(name),
      ...(isWhole && behind > 0 ? cells.slice(-behind) : []),
    ].join(', ');
  };
}

/** The rows of `pmon`, whose last column is the command; how many stand before it is told by the head. */
function ofPmon(): LineMasker {
  let before: number | null = null;
  return (line) => {
    if (line.startsWith('#')) {
      const names = line.slice(1, 1000).trim().split(/\s+/, 64);
      if (names.includes('pid')) before = names.at(-1) === 'command' ? names.length - 1 : null;
      return line;
    }
    if (before === null || line.trim() === '') return line;
    const begin = new RegExp(`^\\s*(?:\\S+\\s+){${before}}`).exec(line)?.[0];
    const isRow = begin !== undefined && /^\s*\d{1,4}\s+(?:\d{1,10}|-)\s/.test(begin);
    if (!isRow) return dropped;
    const command = line.slice(begin.length);
    return `${begin}${programOf(command).padEnd(command.length)}`;
  };
}

function appFields(argv: readonly string[]): readonly string[] | null {
  const query = argv.find((word) => /^--query-(?:compute|accounted)-apps=/.test(word));
  const fields = query?.slice(query.indexOf('=') + 1).split(',') ?? [];
  return fields.includes('process_name') || fields.includes('name') ? fields : null;
}

/** Every form of nvidia-smi that names processes, without their arguments. */
export function maskProcessNames(argv: readonly string[], text: string): string {
  const fields = appFields(argv);
  const maskers = [
    ofText(),
    ofTable(),
    ...(fields === null ? [] : [ofApps(fields)]),
    ...(argv.includes('pmon') ? [ofPmon()] : []),
  ];
  return text
    .replace(
      /(<process_name>)([^<]*)(<)/g,
      (_, open: string, name: string, close: string) => `${open}${programOf(name)}${close}`,
    )
    .split('\n')
    .flatMap((line) => {
      let kept: string | null = line;
      for (const mask of maskers) if (kept !== null) kept = mask(kept);
      return kept ?? [];
    })
    .join('\n');
}
