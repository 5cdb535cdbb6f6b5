import type { AlertScope } from '../../model/index.ts';

/** What of a host a silence or a scope is matched against. */
export interface MatchedHost {
  readonly id: string;
  readonly hostname: string;
  readonly group: string;
  readonly labels: readonly { readonly key: string; readonly value: string }[];
}

/** `*` is any letters, `?` one, capitals do not matter. In steps that the two lengths bound, whatever the pattern. */
export function matchesGlob(glob: string, given: string): boolean {
  const [pattern, text] = [glob.toLowerCase(), given.toLowerCase()];
  let [at, from, star, resume] = [0, 0, -1, 0];
  while (from < text.length) {
    const sign = pattern[at];
    if (sign === '*') {
      star = at;
      at += 1;
      resume = from;
    } else if (sign === '?' || (sign !== undefined && sign === text[from])) {
      at += 1;
      from += 1;
    } else if (star >= 0) {
      at = star + 1;
      resume += 1;
      from = resume;
    } else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}

/** Whether one word names a host: a hostname (`*` and `?` match), an id, `group=…`, or a label `key=value`. */
export function matchesWord(word: string, host: MatchedHost): boolean {
  const at = word.indexOf('=');
  if (at < 1) return word === host.id || matchesGlob(word, host.hostname);
  const [key, value] = [word.slice(0, at), word.slice(at + 1)];
  if (key === 'group' && matchesGlob(value, host.group)) return true;
  return host.labels.some((label) => label.key === key && matchesGlob(value, label.value));
}

export const matchesHost = (words: readonly string[], host: MatchedHost): boolean =>
  words.some((word) => matchesWord(word, host));

/** Whether a rule is for a host at all; its GPUs are looked at by `isModelIn`. */
export const isHostIn = (scope: AlertScope | null, host: MatchedHost): boolean =>
  scope?.hosts == null || matchesHost(scope.hosts, host);

export const isModelIn = (scope: AlertScope | null, model: string | null): boolean =>
  scope?.models == null || (model !== null && scope.models.some((glob) => matchesGlob(glob, model)));
