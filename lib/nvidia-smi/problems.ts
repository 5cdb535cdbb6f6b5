import type { Problem } from '../model/index.ts';

const mostProblems = 100;
const longestText = 200;

/** Collects what was not understood: each distinct problem once, at most 100, texts cut at 200 characters. */
export interface ProblemLog {
  add(field: string, text: string, message: string): void;
  readonly list: readonly Problem[];
}

export function createProblemLog(): ProblemLog {
  const list: Problem[] = [];
  const seen = new Set<string>();
  return {
    list,
    add(field, text, message) {
      if (list.length >= mostProblems) return;
      const cut = text.length > longestText ? text.slice(0, longestText) : text;
      const key = `${field}\n${cut}\n${message}`;
      if (seen.has(key)) return;
      seen.add(key);
      list.push({ field, text: cut, message });
    },
  };
}
