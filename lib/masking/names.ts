/** Names that are also words of the tools' own: masked where they stand for a name, let be as a word. */
const ownWords = new Set(
  (
    'nvidia gpu docker root linux ubuntu debian fedora python localhost host hosts node user users none default ' +
    'enabled disabled active driver cuda version kernel system daemon nobody kubernetes container containers all ' +
    'compute graphics video mig index name uuid serial bus true false null yes not and for the x86_64 aarch64'
  ).split(' '),
);
const leastCharacters = 2;

/** Replacements by what they replace, in lower case. */
export interface Names {
  /** What stands for `value` from now on, everywhere it stands as a word; the same one each time. */
  add(kind: string, value: string): string;
  /** Replaces every name in a text. */
  replace(text: string): string;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Whether it can be replaced wherever it stands without wrecking what is no name. */
export const isTelling = (value: string): boolean =>
  value.length >= leastCharacters && !ownWords.has(value.toLowerCase()) && !/^\d{1,5}$/.test(value);

export function createNames(): Names {
  const known = new Map<string, string>();
  const counts = new Map<string, number>();
  let pattern: RegExp | null = null;
  return {
    add(kind, value) {
      const key = value.toLowerCase();
      const before = known.get(key);
      if (before !== undefined) return before;
      const count = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, count);
      const name =
        kind === 'serial' ? String(count).padStart(Math.max(value.length, 4), '0') : `${kind}-${count}`;
      known.set(key, name);
      pattern = null;
      return name;
    },
    replace(text) {
      const telling = [...known.keys()].filter(isTelling).sort((a, b) => b.length - a.length);
      if (telling.length === 0) return text;
      pattern ??= new RegExp(`(?<![A-Za-z0-9])(?:${telling.map(escaped).join('|')})(?![A-Za-z0-9])`, 'gi');
      return text.replace(pattern, (found) => known.get(found.toLowerCase()) ?? found);
    },
  };
}
