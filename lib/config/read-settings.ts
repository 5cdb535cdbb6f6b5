import { parseArgs } from 'node:util';
import { parseSwitch, SettingError } from './parsers.ts';

export * from './parsers.ts';

/** One setting. Its name in camelCase gives `--its-name`, `GPUFLEET_ITS_NAME` and `itsName:` in the file. */
export interface Setting<T> {
  readonly kind: 'value' | 'switch' | 'list';
  /** Takes every text given (one, but for a list); throws SettingError. */
  readonly read: (texts: readonly string[]) => T;
  readonly initial: T;
  /** Such as `DIR`; empty for a switch. */
  readonly placeholder: string;
  readonly help: string;
  /** A fault shows its first letters only. */
  readonly secret?: boolean;
}

export type Settings = Readonly<Record<string, Setting<unknown>>>;
export type Values<S extends Settings> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never;
};

type Shown = Pick<Setting<unknown>, 'placeholder' | 'help' | 'secret'>;

/** A setting with one value; the last flag wins when it is given twice. */
export function value<T, D>(parse: (text: string) => T, initial: D, shown: Shown): Setting<T | D> {
  return { kind: 'value', read: (texts) => parse(texts.at(-1) ?? ''), initial, ...shown };
}

/** On when the flag is there; `true` or `false` in the environment and the file. */
export function flag(help: string): Setting<boolean> {
  return {
    kind: 'switch',
    read: (texts) => parseSwitch(texts.at(-1) ?? ''),
    initial: false,
    placeholder: '',
    help,
  };
}

/** A flag that may be repeated; comma-separated in the environment, a list or a map in the file. */
export function list<T>(parse: (text: string) => T, shown: Shown): Setting<readonly T[]> {
  return { kind: 'list', read: (texts) => texts.map(parse), initial: [], ...shown };
}

export interface SettingSources {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The parsed settings file and its path, or null when none is named. */
  readonly file: { readonly path: string; readonly values: Readonly<Record<string, unknown>> } | null;
  /** Setting names of the other programs: theirs in a shared environment or file are no faults here. */
  readonly othersNames: readonly string[];
  /** How many plain words may follow; 0 unless told. */
  readonly maxPositionals?: number;
}

export type SettingsResult<S extends Settings> =
  | { readonly ok: true; readonly values: Values<S>; readonly positionals: readonly string[] }
  /** `values` has the initial one wherever the given one was bad, so that a caller can look for more faults. */
  | { readonly ok: false; readonly values: Values<S>; readonly faults: readonly string[] };

export const flagName = (name: string): string =>
  `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
export const environmentName = (name: string): string =>
  `GPUFLEET_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;

/** Environment names with our prefix that are no settings of a program. */
const reservedEnvironment = ['GPUFLEET_CONFIG', 'GPUFLEET_PLAYER'];

/** Where each setting's texts came from; later sources are stronger. */
interface Given {
  readonly origin: string;
  readonly texts: readonly string[];
}

/** Merges flags over environment over file and reads every value; all faults come back together. */
export function readSettings<S extends Settings>(settings: S, sources: SettingSources): SettingsResult<S> {
  const faults: string[] = [];
  const given = new Map<string, Given>();
  takeFile(settings, sources, given, faults);
  takeEnvironment(settings, sources, given, faults);
  const positionals = takeFlags(settings, sources, given, faults);
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(settings)) {
    const source = given.get(name);
    if (source === undefined) {
      values[name] = setting.initial;
      continue;
    }
    try {
      values[name] = setting.read(source.texts);
    } catch (error) {
      if (!(error instanceof SettingError)) throw error;
      const shown = source.texts.map((text) => `"${setting.secret === true ? disguised(text) : cut(text)}"`);
      faults.push(`${source.origin}: ${shown.join(', ')} ${error.message}`);
    }
  }
  if (faults.length > 0) return { ok: false, values: values as Values<S>, faults };
  return { ok: true, values: values as Values<S>, positionals };
}

const mostShown = 200;
/** A fault is a line to be read. */
const cut = (text: string): string => (text.length > mostShown ? `${text.slice(0, mostShown)}…` : text);

/** Enough to tell which one was given; what starts a fault ends up in logs. */
const disguised = (text: string): string => `${text.slice(0, 4)}…`;

type Take<R> = (
  settings: Settings,
  sources: SettingSources,
  given: Map<string, Given>,
  faults: string[],
) => R;

const takeFile: Take<void> = (settings, { file, othersNames }, given, faults) => {
  for (const [name, raw] of Object.entries(file?.values ?? {})) {
    const origin = `${file?.path}: ${name}`;
    const setting = own(settings, name);
    if (setting === null) {
      if (!othersNames.includes(name)) faults.push(`${origin}: there is no such setting`);
      continue;
    }
    const texts = fileTexts(raw);
    if (texts === null || (setting.kind !== 'list' && typeof raw === 'object')) {
      faults.push(`${origin}: must be ${setting.kind === 'list' ? 'a list or a map' : 'one plain value'}`);
    } else {
      given.set(name, { origin, texts });
    }
  }
};

const takeEnvironment: Take<void> = (settings, { env, othersNames }, given, faults) => {
  const names = new Map(Object.keys(settings).map((name) => [environmentName(name), name]));
  const others = new Set([...othersNames.map(environmentName), ...reservedEnvironment]);
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith('GPUFLEET_') || text === undefined) continue;
    const name = names.get(variable);
    if (name === undefined) {
      if (!others.has(variable)) faults.push(`${variable}: there is no such setting`);
      continue;
    }
    const isList = own(settings, name)?.kind === 'list';
    const texts = isList ? text.split(',').map((part) => part.trim()) : [text];
    given.set(name, { origin: variable, texts });
  }
};

const takeFlags: Take<readonly string[]> = (settings, { argv, maxPositionals = 0 }, given, faults) => {
  const names = new Map(Object.keys(settings).map((name) => [flagName(name).slice(2), name]));
  const options = Object.fromEntries(
    [...names].map(([key, name]) => {
      const type = own(settings, name)?.kind === 'switch' ? 'boolean' : 'string';
      return [key, { type, multiple: true } as const];
    }),
  );
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, tokens: true });
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const name = token.rawName.startsWith('--') ? names.get(token.name) : undefined;
    const setting = name === undefined ? null : own(settings, name);
    if (name === undefined || setting === null) {
      faults.push(`${token.rawName}: there is no such option`);
    } else if (setting.kind !== 'switch' && (token.value ?? '--').startsWith('--') && !token.inlineValue) {
      faults.push(`${token.rawName}: needs a value (${setting.placeholder})`);
    } else {
      const before = given.get(name);
      const kept = setting.kind === 'list' && before?.origin === token.rawName ? before.texts : [];
      given.set(name, { origin: token.rawName, texts: [...kept, token.value ?? 'true'] });
    }
  }
  for (const extra of positionals.slice(maxPositionals)) faults.push(`"${extra}": was not expected here`);
  return positionals;
};

function own(settings: Settings, name: string): Setting<unknown> | null {
  return Object.hasOwn(settings, name) ? (settings[name] ?? null) : null;
}

/** Plain values as text; a map as `key=value`; null for anything deeper or empty. */
function fileTexts(raw: unknown): readonly string[] | null {
  if (['string', 'number', 'boolean'].includes(typeof raw)) return [String(raw)];
  if (Array.isArray(raw)) {
    const parts = raw.map((part) => (typeof part === 'object' ? null : String(part)));
    return parts.some((part) => part === null) ? null : parts.filter((part) => part !== null);
  }
  if (typeof raw !== 'object' || raw === null) return null;
  const entries = Object.entries(raw);
  if (entries.some(([, part]) => typeof part === 'object')) return null;
  return entries.map(([key, part]) => `${key}=${part}`);
}

/** The option lines of `--help`. */
export function settingsHelp(settings: Settings): string {
  const lines = Object.entries(settings).map(([name, setting]) => {
    const left = `  ${flagName(name)}${setting.placeholder === '' ? '' : ` ${setting.placeholder}`}`;
    return `${left.padEnd(34)} ${setting.help}`;
  });
  return [
    ...lines,
    '',
    'Each is also GPUFLEET_NAME in the environment and a line of the YAML file',
    'that GPUFLEET_CONFIG names; a flag wins over the environment, which wins over the file.',
    '',
  ].join('\n');
}
