import type { z } from 'zod';
import {
  type AlertRulesConfig,
  type FacetName,
  groupLabel,
  noAlertRules,
  noCompatRows,
  type SiteCompatRows,
  type SiteSshHost,
} from '../model/index.ts';
import type { KnownRules } from './alert-section.ts';
import { type FleetText, fleetSchema, matchSchema } from './fleet-schema.ts';
import { isGlob, matchesGlob } from './glob.ts';
import { type GroupMatch, groupsMeet, type MatchSubject, matchesGroup } from './group-match.ts';
import { type LocatedYaml, readLocatedYaml, type YamlFault } from './located-yaml.ts';

export type Labels = Readonly<Record<string, string>>;
export type Baseline = Partial<Readonly<Record<FacetName, string>>>;

export interface FleetFileContent {
  /**
   * What the file says of a host: the group that takes it in, then globs in the order of the file, then its hostname,
   * then its id: later ones win. `labels` are those of all other sources.
   */
  labelsOf(host: MatchSubject): Labels;
  /** Declared versions by group: a value, a range or several, as readExpectation reads them. */
  readonly baselines: ReadonlyMap<string, Baseline>;
  /** What it says of alerts. */
  readonly alerts: AlertRulesConfig;
  /** Rows of the tables of CUDA compatibility. */
  readonly compatibility: SiteCompatRows;
  /** Hosts that the hub is to read over SSH, patterns written out. */
  readonly ssh: readonly SiteSshHost[];
}

export type FleetFileResult =
  | { readonly ok: true; readonly content: FleetFileContent }
  /** A line each: `path:line:column: where: what`. */
  | { readonly ok: false; readonly faults: readonly string[] };

const mostFaults = 20;

/** The hub's fleet file. Never throws; all faults come back together, and then nothing of the file counts. */
export function readFleetFile(text: string, path: string, known: KnownRules = new Map()): FleetFileResult {
  const yaml = readLocatedYaml(text);
  if (!yaml.ok) return { ok: false, faults: faultLines(path, yaml.faults) };
  const result = fleetSchema(known).safeParse(yaml.value);
  const matches = matchesOf(yaml.value);
  const faults = [
    ...(result.success ? [] : result.error.issues.flatMap((each) => faultsOf(each, yaml))),
    ...overlapsOf(matches, yaml),
  ];
  if (!result.success || faults.length > 0) return { ok: false, faults: faultLines(path, faults) };
  return { ok: true, content: contentOf(result.data, matches) };
}

function faultLines(path: string, faults: readonly YamlFault[]): readonly string[] {
  const sorted = faults.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const lines = sorted
    .slice(0, mostFaults)
    .map(({ line, column, message }) => `${path}:${line}:${column}: ${message}`);
  if (sorted.length > mostFaults) lines.push(`${path}: and ${sorted.length - mostFaults} more`);
  return lines;
}

const words = (at: readonly PropertyKey[], message: string): string =>
  `${at.length === 0 ? '' : `${at.map(String).join(' › ')}: `}${message}`;

function faultsOf(issue: z.core.$ZodIssue, yaml: Extract<LocatedYaml, { ok: true }>): YamlFault[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => {
      const at = [...issue.path, key];
      return { ...yaml.keyPlaceOf(at), message: words(at, 'is not known here') };
    });
  const ofKey = issue.code === 'invalid_key' ? issue.issues[0]?.message : undefined;
  const place = ofKey === undefined ? yaml.placeOf(issue.path) : yaml.keyPlaceOf(issue.path);
  return [{ ...place, message: words(issue.path, ofKey ?? issue.message) }];
}

type Matches = ReadonlyMap<string, GroupMatch>;

/** Those of the groups that can be read; what is wrong with the others is said elsewhere. */
function matchesOf(file: unknown): Matches {
  const { groups } = Object(file) as { readonly groups?: unknown };
  if (typeof groups !== 'object' || groups === null || Array.isArray(groups)) return new Map();
  return new Map(
    Object.entries(groups).flatMap(([name, group]) => {
      const read = matchSchema.safeParse((Object(group) as { readonly match?: unknown }).match);
      if (!read.success) return [];
      const { labels = {}, model = [], host = [] } = read.data;
      const hosts = host.map((pattern) => pattern.toLowerCase());
      return [[name, { labels: new Map(Object.entries(labels)), models: model, hosts }] as const];
    }),
  );
}

/** A host is in one group only, so two that could both take one in are a fault of the later. */
function overlapsOf(matches: Matches, yaml: Extract<LocatedYaml, { ok: true }>): YamlFault[] {
  const all = [...matches];
  return all.flatMap(([name, match], at) => {
    const other = all.slice(0, at).find(([, before]) => groupsMeet(before, match));
    if (other === undefined) return [];
    const path = ['groups', name, 'match'];
    const message = `overlaps with group ${other[0]}: a host could be in both, since nothing in their labels, models or hosts excludes it`;
    return [{ ...yaml.keyPlaceOf(path), message: words(path, message) }];
  });
}

function contentOf(
  { hosts = {}, groups = {}, alerts = noAlertRules, compatibility = noCompatRows, ssh = [] }: FleetText,
  matches: Matches,
): FleetFileContent {
  const exact = new Map<string, Labels>();
  const globs: { readonly pattern: string; readonly labels: Labels }[] = [];
  for (const [name, entry] of Object.entries(hosts)) {
    // Hostnames do not tell capitals apart.
    const pattern = name.toLowerCase();
    const given = entry.labels ?? {};
    if (isGlob(pattern)) globs.push({ pattern, labels: given });
    else exact.set(pattern, { ...exact.get(pattern), ...given });
  }
  return {
    labelsOf(host) {
      const [ownId, ownName] = [host.id.toLowerCase(), host.hostname.toLowerCase()];
      const named = Object.assign(
        {},
        ...globs
          .filter(({ pattern }) => matchesGlob(pattern, ownName) || matchesGlob(pattern, ownId))
          .map((glob) => glob.labels),
        exact.get(ownName),
        exact.get(ownId),
      ) as Labels;
      // What the file itself says of a host counts for which group takes it in.
      const labelled = { ...host, labels: { ...host.labels, ...named } };
      for (const [group, match] of matches)
        if (matchesGroup(match, labelled)) return { [groupLabel]: group, ...named };
      return named;
    },
    alerts,
    compatibility,
    ssh,
    baselines: new Map(
      Object.entries(groups).map(([name, { baseline = {} }]) => [name, defined(baseline)] as const),
    ),
  };
}

const defined = (baseline: { readonly [K in FacetName]?: string | undefined }): Baseline =>
  Object.fromEntries(Object.entries(baseline).filter(([, value]) => value !== undefined));

/** What there is without a file. */
export const noFleetFile: FleetFileContent = {
  labelsOf: () => ({}),
  baselines: new Map(),
  alerts: noAlertRules,
  compatibility: noCompatRows,
  ssh: [],
};
