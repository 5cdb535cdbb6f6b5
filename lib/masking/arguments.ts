import { masked, maskSecrets } from './patterns.ts';
import { createShortOptionReader, type ReadWord } from './short-options.ts';

/** Longest command line that is kept, in characters. */
export const longestCommand = 512;

/** Parts of an option's or variable's name after which comes a secret; `key` only as the last part. */
const secretParts = new Set([
  ...['pass', 'passwd', 'password', 'passphrase', 'pwd', 'pw', 'secret', 'secrets', 'token', 'apikey'],
  ...[
    'credential',
    'credentials',
    'auth',
    'authorization',
    'bearer',
    'cookie',
    'session',
    'dsn',
    'pat',
    'sas',
  ],
]);
const secretWithin =
  /passw|passphrase|pass$|passin$|passout$|secret|apikey|api_?key|accesskey|privatekey|auth_?key|authtoken|credential/i;

function isSecretName(name: string): boolean {
  const parts = name
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[-_.]+/)
    .filter((part) => part !== '');
  return parts.some((part) => secretParts.has(part)) || parts.at(-1) === 'key' || secretWithin.test(name);
}

/** `https://user:password@host`: what stands before the `@`. */
const urlUser = /\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/"']{1,500}@/gi;
const queryValue = /([?&;]([\w.-]{1,100})=)([^&;#\s"']+)/g;
const assigned = /^([-+]{0,2}([A-Za-z_][\w.-]{0,100})\s{0,2}[=:])(.+)$/s;
const optionName = /^--?([A-Za-z_][\w.-]{0,100})$/;
/** A long word of letters and digits alone is more likely a key than anything to read. */
const opaque =
  /(?<![\w./-])(?!(?:GPU|MIG)-)(?=[\w+-]{0,64}\d)(?=[\w+-]{0,64}[A-Za-z])[\w+-]{32,}={0,2}(?![\w./-])/g;
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function maskWord(word: string): string {
  const [, head, name = '', value = ''] = assigned.exec(word) ?? [];
  // `https://…` and `C:\…` are no assignments.
  const isAssigned = head !== undefined && !(head.endsWith(':') && /^[\\/]/.test(value));
  if (isAssigned && isSecretName(name)) return `${head}${masked}`;
  // `--env=NAME=value`
  if (isAssigned && assigned.test(value)) return `${head}${maskWord(value)}`;
  return word
    .replace(urlUser, `$1${masked}@`)
    .replace(queryValue, (all, before: string, key: string) =>
      isSecretName(key) ? `${before}${masked}` : all,
    )
    .replace(opaque, (found) => (uuid.test(found) ? found : masked));
}

/**
 * A command line for people to read: values that are given as a password, token or key, credentials in addresses and
 * what looks like a key are masked; the rest is joined by blanks and cut. Null when there is none. Never throws.
 */
export function maskedCommand(args: readonly string[]): string | null {
  const told: string[] = [];
  let isSecretNext = false;
  let before = '';
  let characters = 0;
  const short = createShortOptionReader();
  for (const arg of args.slice(0, 1000)) {
    const text = arg.slice(0, 16_384);
    // What is one argument is one secret, whatever blanks it has.
    const isWhole: boolean = isSecretNext && !text.startsWith('--');
    // A script in one argument, or a program that wrote its title over its arguments.
    const words: readonly string[] = !isWhole && /\s/.test(text.trim()) ? wordsOf(text) : [text];
    for (const word of words) {
      const isValue: boolean = isSecretNext && !word.startsWith('--') && word !== '';
      const read: ReadWord = isValue ? { word: masked, isSecretNext: false } : short.read(word);
      const shown = isValue ? masked : maskSecrets(maskWord(userPair(before, read.word)));
      isSecretNext = !isValue && (read.isSecretNext || isSecretOption(word));
      before = word;
      told.push(shown);
      characters += shown.length + 1;
    }
    if (characters > longestCommand) break;
  }
  const line = told
    .join(' ')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  if (line === '') return null;
  return line.length > longestCommand ? `${line.slice(0, longestCommand)}…` : line;
}

/** Words of a script; what stands in quotes after a secret's name was masked as one. */
const wordsOf = (script: string): string[] =>
  maskSecrets(
    script.replace(quotedValue, (all, option: string, name: string) =>
      isSecretName(name) ? `${option}${masked}` : all,
    ),
  )
    .trim()
    .split(/\s+/);

const quotedValue = /((?<![\w-])--?([A-Za-z_][\w.-]{0,100})\s{1,4})("[^"]*"?|'[^']*'?)/g;

/** `-u NAME:PASSWORD` of curl and the like; `-u 1000:1000` and `--user web:web` of containers have no password. */
const userPair = (before: string, word: string): string =>
  /^(?:-u|--user|--proxy-user)$/.test(before) && !/^\d+:\d+$/.test(word)
    ? word.replace(/^([^:/\s]{1,100}:)(?!\/\/).+$/s, `$1${masked}`)
    : word;

function isSecretOption(word: string): boolean {
  const name = optionName.exec(word)?.[1];
  return name !== undefined && isSecretName(name);
}
