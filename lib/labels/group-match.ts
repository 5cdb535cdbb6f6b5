import { globsMeet, matchesGlob } from './glob.ts';

/** Which hosts a group of the fleet file takes in; everything that is given must hold. */
export interface GroupMatch {
  /** By key, the values of which one must be the host's. */
  readonly labels: ReadonlyMap<string, readonly string[]>;
  /** Patterns for the model of its first GPU; empty: any. */
  readonly models: readonly string[];
  /** Patterns for its hostname or id, lower case; empty: any. */
  readonly hosts: readonly string[];
}

export interface MatchSubject {
  readonly id: string;
  readonly hostname: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly gpuModels: readonly string[];
}

export function matchesGroup(match: GroupMatch, host: MatchSubject): boolean {
  for (const [key, values] of match.labels) {
    const own = host.labels[key];
    if (own === undefined || !values.includes(own)) return false;
  }
  const [model] = host.gpuModels;
  if (
    match.models.length > 0 &&
    !(model !== undefined && match.models.some((glob) => matchesGlob(glob, model)))
  )
    return false;
  const names = [host.hostname.toLowerCase(), host.id.toLowerCase()];
  return (
    match.hosts.length === 0 || match.hosts.some((glob) => names.some((name) => matchesGlob(glob, name)))
  );
}

/** Whether one host could be in both: nothing in them excludes the other. */
export function groupsMeet(a: GroupMatch, b: GroupMatch): boolean {
  for (const [key, values] of a.labels) {
    const others = b.labels.get(key);
    if (others !== undefined && !values.some((value) => others.includes(value))) return false;
  }
  return patternsMeet(a.models, b.models) && patternsMeet(a.hosts, b.hosts);
}

const patternsMeet = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === 0 || b.length === 0 || a.some((one) => b.some((other) => globsMeet(one, other)));
