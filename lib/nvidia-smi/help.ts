import type { Failure, Problem } from '../model/index.ts';
import { parseFailure } from './failure.ts';
import { longestLine } from './limits.ts';
import { eachLine, plainText } from './plain-text.ts';
import { createProblemLog } from './problems.ts';

/** A field that `--query-gpu` of this driver knows. */
export interface SmiHelpField {
  readonly name: string;
  /** Its other names. */
  readonly aliases: readonly string[];
  /** As printed, on one line, cut at 400 characters; null in a list of names. */
  readonly description: string | null;
}

/** What `nvidia-smi --help` or `--help-query-…` printed. */
export interface SmiHelp {
  /** The version in the first line of `--help`; null elsewhere. */
  readonly smiVersion: string | null;
  /** The switch whose fields are listed: `query-gpu`; null for `--help` and for a list of names alone. */
  readonly querySwitch: string | null;
  readonly fields: readonly SmiHelpField[];
  /** Long names of the options of `--help`. */
  readonly options: readonly string[];
  readonly problems: readonly Problem[];
  readonly failure: Failure | null;
}

const mostFields = 2000;
const longestDescription = 400;
const fieldName = /^[a-z][A-Za-z0-9_.]{0,127}$/;
const nameLine = /^"[^"]{1,128}"(?: or "[^"]{1,128}"){0,7}$/;
const switchLine = /^List of valid properties to query for the switch "--(query-[a-z-]{1,40})"/;
const versionLine = /^NVIDIA System Management Interface -- v(\d[\d.]{0,30})/;

/** Whether a text is a help text of nvidia-smi. */
export function isHelpText(text: string): boolean {
  for (const { text: line } of eachLine(text.slice(0, 4096))) {
    const trimmed = line.trim();
    if (trimmed !== '') return versionLine.test(trimmed) || switchLine.test(trimmed);
  }
  return false;
}

/** Reads `--help`, `--help-query-gpu` and a list of field names, one a line. Never throws. */
export function parseSmiHelp(text: string): SmiHelp {
  const problems = createProblemLog();
  const fields: { name: string; aliases: string[]; description: string | null }[] = [];
  const options = new Set<string>();
  let smiVersion: string | null = null;
  let querySwitch: string | null = null;
  for (const { text: line, isEnded } of eachLine(plainText(text))) {
    const trimmed = line.length > longestLine ? '' : line.trim();
    if (trimmed === '' || fields.length >= mostFields) continue;
    smiVersion ??= versionLine.exec(trimmed)?.[1] ?? null;
    querySwitch ??= switchLine.exec(trimmed)?.[1] ?? null;
    if (smiVersion !== null) {
      for (const [, option] of line.matchAll(/(?<![\w-])--([a-z][a-z-]{1,40})/g))
        if (option !== undefined && options.size < mostFields) options.add(option);
      continue;
    }
    // The last line may be cut within its name.
    const names = isEnded ? namesOf(trimmed, querySwitch !== null) : [];
    const [name, ...aliases] = names;
    if (name !== undefined) fields.push({ name, aliases, description: null });
    else if (querySwitch !== null) addDescription(fields.at(-1), trimmed);
    else if (isEnded) problems.add('help:', trimmed, 'is no name of a field');
  }
  const isNothing = smiVersion === null && fields.length === 0;
  return {
    smiVersion,
    querySwitch,
    fields,
    options: [...options],
    problems: problems.list,
    failure: isNothing ? parseFailure(text, null) : null,
  };
}

function namesOf(line: string, isQuoted: boolean): string[] {
  if (!isQuoted) return fieldName.test(line) ? [line] : [];
  // Values of a field stand there in quotes too: "0: Default".
  if (!nameLine.test(line)) return [];
  const names = [...line.matchAll(/"([^"]+)"/g)].map(([, name = '']) => name);
  return names.every((name) => fieldName.test(name)) ? names : [];
}

function addDescription(field: { description: string | null } | undefined, line: string): void {
  if (field === undefined || /^Section about /.test(line)) return;
  const longer = field.description === null ? line : `${field.description} ${line}`;
  field.description = longer.slice(0, longestDescription);
}
