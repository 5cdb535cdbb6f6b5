import type { Problem } from '../model/index.ts';

const mostProblems = 100;
const longestText = 200;
/** So many distinct ones are told apart, so that a long stream of nonsense costs no memory. */
const mostCounted = 1000;

/** Collects what was not understood: each distinct problem once, the first 100 and how many more, texts cut at 200 characters. */
export interface ProblemLog {
  add(field: string, text: string, message: string): void;
  readonly list: readonly Problem[];
  /** Of distinct ones so far. */
  readonly count: number;
}

export function createProblemLog(): ProblemLog {
  const list: Problem[] = [];
  const seen = new Set<string>();
  return {
    get list() {
      const more = seen.size - list.length;
      if (more === 0) return list;
      const count = seen.size < mostCounted ? `${more}` : `${more} or more`;
      return [...list, { field: 'problems', text: count, message: 'further problems are not listed' }];
    },
    get count() {
      return seen.size;
    },
    add(field, text, message) {
      if (seen.size >= mostCounted) return;
      const cut = text.length > longestText ? text.slice(0, longestText) : text;
      const key = `${field}\n${cut}\n${message}`;
      if (seen.has(key)) return;
      seen.add(key);
      if (list.length < mostProblems) list.push({ field, text: cut, message });
    },
  };
}

/** The same words in each form, and once for all rows: the text is the unit of its head. */
export function noteUnknownColumn(
  problems: ProblemLog,
  form: 'csv' | 'dmon' | 'pmon',
  { name, unit }: { readonly name: string; readonly unit: string },
): void {
  problems.add(`${form}:${name}`, unit, 'is a column that is not known');
}
