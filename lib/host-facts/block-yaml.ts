/** One scalar of a document: the keys that lead to it (a list's items are numbers), and its line, 1-based. */
export interface YamlScalar {
  readonly path: readonly (string | number)[];
  readonly value: string;
  readonly line: number;
}

export interface BlockYaml {
  readonly scalars: readonly YamlScalar[];
  /** Lines that are YAML of another style (flow, anchors, block text) or none at all; 1-based, at most 20. */
  readonly unread: readonly { readonly line: number; readonly text: string }[];
}

const mostLines = 40_000;
const longestLine = 16_384;
const deepest = 64;
const mostUnread = 20;

interface Level {
  readonly indent: number;
  /** Position of the list's item at hand; null for a map. */
  item: number | null;
  key: string | null;
}

/**
 * Reads the block style that programs write: maps, lists (short ones on one line too), and plain or quoted scalars. In time that grows
 * with the text alone, which no general YAML parser promises; what is of another style is told, not guessed.
 */
export function readBlockYaml(text: string): BlockYaml {
  const scalars: YamlScalar[] = [];
  const unread: { line: number; text: string }[] = [];
  const levels: Level[] = [];
  const refuse = (line: number, content: string): void => {
    if (unread.length < mostUnread) unread.push({ line, text: content.trim().slice(0, 200) });
  };
  const pathOf = (): (string | number)[] =>
    levels.map(({ item, key }) => item ?? key).filter((step) => step !== null);
  let number = 0;
  for (const raw of text.split('\n', mostLines)) {
    number += 1;
    const content = raw.trimEnd();
    let rest = content.trimStart();
    if (rest === '' || rest.startsWith('#') || /^(?:---|\.\.\.|%)/.test(content)) continue;
    if (content.length > longestLine || content.includes('\t')) {
      refuse(number, content);
      continue;
    }
    let indent = content.length - rest.length;
    while (rest === '-' || rest.startsWith('- ')) {
      enterItem(levels, indent);
      const after = rest.slice(1).trimStart();
      indent += rest.length - after.length;
      rest = after;
    }
    if (levels.length > deepest) refuse(number, content);
    else if (rest !== '') {
      const pair = pairOf(rest);
      if (pair !== null) enterKey(levels, indent, pair.key);
      else leave(levels, indent);
      const text = pair === null ? rest : pair.value;
      const value = scalarOf(text);
      const items = value === undefined ? flowItems(text) : null;
      if (items !== null)
        for (const [at, item] of items.entries())
          scalars.push({ path: [...pathOf(), at], value: item, line: number });
      else if (value === undefined) refuse(number, content);
      else if (value !== null) scalars.push({ path: pathOf(), value, line: number });
    }
  }
  if (number === mostLines) refuse(number, 'what follows');
  return { scalars, unread };
}

function leave(levels: Level[], indent: number): void {
  while ((levels.at(-1)?.indent ?? -1) >= indent) levels.pop();
}

/** A list may stand at the indent of the key that holds it, or deeper. */
function enterItem(levels: Level[], indent: number): void {
  while ((levels.at(-1)?.indent ?? -1) > indent) levels.pop();
  let last = levels.at(-1);
  if (last?.indent === indent && last.item === null && levels.at(-2)?.indent === indent) {
    levels.pop();
    last = levels.at(-1);
  }
  if (last?.indent === indent && last.item !== null) last.item += 1;
  else levels.push({ indent, item: 0, key: null });
}

function enterKey(levels: Level[], indent: number, key: string): void {
  while ((levels.at(-1)?.indent ?? -1) > indent) levels.pop();
  if (levels.at(-1)?.indent === indent && levels.at(-1)?.item !== null) levels.pop();
  const last = levels.at(-1);
  if (last?.indent === indent) last.key = key;
  else levels.push({ indent, item: null, key });
}

const plainKey = /^([A-Za-z0-9_./@-]{1,256}):(?: (.*))?$/;
const quotedKey = /^(["'])([^"'\\]{1,256})\1:(?: (.*))?$/;

function pairOf(text: string): { readonly key: string; readonly value: string } | null {
  const plain = plainKey.exec(text);
  if (plain !== null) return { key: plain[1] ?? '', value: plain[2] ?? '' };
  const quoted = quotedKey.exec(text);
  return quoted === null ? null : { key: quoted[2] ?? '', value: quoted[3] ?? '' };
}

/** The items of a short list on one line, `[ro, nosuid]`; null for what is none of scalars alone. */
function flowItems(text: string): readonly string[] | null {
  const inner = /^\[([^[\]{}]*)\](?: #.*)?$/.exec(text.trim())?.[1];
  if (inner === undefined) return null;
  // A comma within quotes would be cut: such a list is not read.
  const items = inner.split(',').map(scalarOf);
  return items.every((item) => typeof item === 'string') ? (items as string[]) : null;
}

/** Null for no value here (it follows on deeper lines), undefined for what is not read. */
function scalarOf(text: string): string | null | undefined {
  const value = text.trim();
  if (value === '' || value.startsWith('#')) return null;
  const quoted = /^"([^"\\]*)"$/.exec(value)?.[1] ?? /^'((?:[^']|'')*)'$/.exec(value)?.[1];
  if (quoted !== undefined) return value.startsWith("'") ? quoted.replaceAll("''", "'") : quoted;
  if (value === '[]' || value === '{}') return null;
  return /^["'[{&*!|>%@`?]/.test(value) ? undefined : value.replace(/ #.*$/, '').trimEnd();
}
