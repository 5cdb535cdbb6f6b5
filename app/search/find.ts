import type { SearchItem, SearchKind } from './items.ts';

/** What is searched, prepared once when the box opens, so that a keystroke costs a pass over one text and no more. */
export interface SearchIndex {
  readonly items: readonly SearchItem[];
  readonly labels: readonly string[];
  /** Everything that each item is found by, in lower case, a line an item: one long text is searched fastest. */
  readonly text: string;
  /** Where each line begins, and where the last ends. */
  readonly starts: readonly number[];
  /** Every word that starts something, for what was mistyped. */
  readonly words: readonly string[];
}

export const mostFound = 12;
/** So many of one kind before the others had their turn: a fleet named gpu-… must not hide the page GPUs. */
const mostOfKind = 6;

const kindOrder: readonly SearchKind[] = [
  'page',
  'host',
  'alert',
  'group',
  'label',
  'driver',
  'CUDA',
  'model',
  'image',
  'container',
  'GPU',
  'error',
  // Last: each chart of a page has its export, which must not hide what the chart is of.
  'action',
];

const wordsOf = (text: string): readonly string[] =>
  text.split(/[^\p{L}\p{N}.]+/u).filter((word) => word !== '');

const oneLine = (text: string): string => text.toLowerCase().replaceAll(/\s+/g, ' ');

export function createIndex(items: readonly SearchItem[]): SearchIndex {
  const words = new Set<string>();
  const labels: string[] = [];
  const starts: number[] = [0];
  const lines: string[] = [];
  let length = 0;
  for (const { kind, label, detail, also = '' } of items) {
    const small = oneLine(label);
    const line = `${small} ${kind.toLowerCase()} ${oneLine(`${detail} ${also}`)}\n`;
    labels.push(small);
    lines.push(line);
    length += line.length;
    starts.push(length);
    // A GPU's words are its host's and its model's; ten thousand of them add nothing.
    if (kind !== 'GPU') for (const word of wordsOf(small)) words.add(word);
  }
  return { items, labels, text: lines.join(''), starts, words: [...words] };
}

/** 0: the label is it; 1: starts with it; 2: a word starts with each; 3: holds each; 4: they are elsewhere too. */
function rankOf(label: string, wanted: string, words: readonly string[]): number {
  if (label === wanted) return 0;
  if (label.startsWith(wanted)) return 1;
  let rank = 2;
  for (const word of words) {
    const at = label.indexOf(word);
    if (at === -1) return 4;
    if (at > 0 && /[\p{L}\p{N}]/u.test(label[at - 1] ?? '')) rank = 3;
  }
  return rank;
}

/** Which line a place of the text is on, from a line that is not behind it. */
function lineAt(starts: readonly number[], from: number, place: number): number {
  let low = from;
  let high = starts.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= place) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Items found so far by kind and rank: lists that stop growing when they hold all that can be shown. */
class Found {
  readonly #lists = new Map<number, SearchItem[]>();
  /** By kind: so many that start with what is wanted that only the very one could still come before them. */
  readonly #full = new Set<SearchKind>();

  isFull(kind: SearchKind): boolean {
    return this.#full.has(kind);
  }

  add(item: SearchItem, rank: number): void {
    const place = rank * kindOrder.length + kindOrder.indexOf(item.kind);
    const list = this.#lists.get(place) ?? [];
    this.#lists.set(place, list);
    if (list.length < mostFound) list.push(item);
    else if (rank === 1) this.#full.add(item.kind);
  }

  ranked(): readonly SearchItem[] {
    return [...this.#lists.keys()].sort((a, b) => a - b).flatMap((place) => this.#lists.get(place) ?? []);
  }
}

function rankAll(index: SearchIndex, words: readonly string[]): readonly SearchItem[] {
  const { text, starts, labels, items } = index;
  const wanted = words.join(' ');
  const [rarest = '', ...others] = [...words].sort((a, b) => b.length - a.length);
  const found = new Found();
  let line = 0;
  if (rarest === '') return [];
  for (let at = text.indexOf(rarest); at !== -1; at = text.indexOf(rarest, starts[line + 1])) {
    line = lineAt(starts, line, at);
    const item = items[line];
    const label = labels[line];
    if (item === undefined || label === undefined) break;
    if (found.isFull(item.kind) && label !== wanted) continue;
    const all = others.length === 0 ? '' : text.slice(starts[line], starts[line + 1]);
    if (others.every((word) => all.includes(word))) found.add(item, rankOf(label, wanted, words));
  }
  return found.ranked();
}

function shared(ranked: readonly SearchItem[]): readonly SearchItem[] {
  const counts = new Map<SearchKind, number>();
  const first: SearchItem[] = [];
  const later: SearchItem[] = [];
  for (const item of ranked) {
    const count = (counts.get(item.kind) ?? 0) + 1;
    counts.set(item.kind, count);
    (count <= mostOfKind ? first : later).push(item);
  }
  return [...first, ...later].slice(0, mostFound);
}

/** How many letters are wrong between a word and the beginning of another that fits it best; above `most`: more. */
export function prefixDistance(typed: string, word: string, most: number): number {
  const width = Math.min(word.length, typed.length + most);
  let before: number[] = [];
  let row = Array.from({ length: width + 1 }, (_, column) => column);
  for (let i = 1; i <= typed.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= width; j += 1) {
      const isSame = typed[i - 1] === word[j - 1];
      let cost = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (isSame ? 0 : 1));
      // Two letters in the wrong order are one mistake.
      if (i > 1 && j > 1 && typed[i - 1] === word[j - 2] && typed[i - 2] === word[j - 1])
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      next.push(cost);
    }
    if (Math.min(...next) > most) return most + 1;
    before = row;
    row = next;
  }
  return Math.min(...row);
}

const mostGuesses = 3;

/** What may have been meant by a word that is nowhere: one mistake from four letters on, two from eight. */
function guesses(word: string, words: readonly string[]): readonly string[] {
  const most = word.length >= 8 ? 2 : word.length >= 4 ? 1 : 0;
  if (most === 0) return [];
  const near = words.flatMap((candidate) => {
    const distance = prefixDistance(word, candidate, most);
    return distance > most ? [] : [{ candidate, distance }];
  });
  near.sort((a, b) => a.distance - b.distance || a.candidate.length - b.candidate.length);
  return near.slice(0, mostGuesses).map(({ candidate }) => candidate);
}

/** The words with those that are nowhere replaced by what may have been meant; null when nothing comes near. */
function corrected(index: SearchIndex, words: readonly string[]): readonly (readonly string[])[] | null {
  let variants: (readonly string[])[] = [[]];
  // `vison/detcetor` is two words, each with its own mistake.
  const parts = words.flatMap((word) => (index.text.includes(word) ? [word] : wordsOf(word)));
  if (parts.length === 0) return null;
  for (const word of parts) {
    const meant = index.text.includes(word) ? [word] : guesses(word, index.words);
    if (meant.length === 0) return null;
    variants = variants.flatMap((variant) => meant.map((each) => [...variant, each])).slice(0, mostGuesses);
  }
  return variants;
}

/** At most twelve, best first. Every word must be somewhere; one that is nowhere may be mistyped. */
export function findItems(index: SearchIndex, text: string): readonly SearchItem[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return [];
  const found = rankAll(index, words);
  if (found.length > 0) return shared(found);
  const variants = corrected(index, words) ?? [];
  return shared([...new Set(variants.flatMap((variant) => rankAll(index, variant)))]);
}
