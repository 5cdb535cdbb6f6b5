import { z } from 'zod';
import {
  type AlertRulesConfig,
  type FacetName,
  facetNames,
  labelKeyFault,
  labelValueFault,
  mostHostLabels,
  noAlertRules,
} from '../model/index.ts';
import { alertSection, type KnownRules } from './alert-section.ts';
import { isGlob, matchesGlob } from './glob.ts';
import { readLocatedYaml } from './located-yaml.ts';

export type Labels = Readonly<Record<string, string>>;
export type Baseline = Partial<Readonly<Record<FacetName, string>>>;

export interface FleetFileContent {
  /** What the file says of a host. Globs in the order of the file, then its hostname, then its id: later ones win. */
  labelsOf(host: { readonly id: string; readonly hostname: string }): Labels;
  /** Declared versions by group. */
  readonly baselines: ReadonlyMap<string, Baseline>;
  /** What it says of alerts. */
  readonly alerts: AlertRulesConfig;
}

export type FleetFileResult =
  | { readonly ok: true; readonly content: FleetFileContent }
  /** A line each: `path:line: where: what`. */
  | { readonly ok: false; readonly faults: readonly string[] };

const mostFaults = 20;
const mostHosts = 20_000;
const mostGlobs = 1000;

/** By a check that gives the end of a sentence. */
const checked = (fault: (text: string) => string | null) =>
  z.string('must be plain text').superRefine((text, context) => {
    const message = fault(text);
    if (message !== null) context.addIssue({ code: 'custom', message });
  });

/** `key:` with nothing behind it reads as an empty text. */
const orNothing = <T extends z.ZodType>(map: T) =>
  z.preprocess((value) => (value === '' || value === null ? {} : value), map);

const label = checked(labelKeyFault);
const labels = orNothing(
  z
    .record(label, checked(labelValueFault), 'must be a map of labels, such as rack: a1')
    .refine((all) => Object.keys(all).length <= mostHostLabels, `has more than ${mostHostLabels} labels`),
);

const hostPattern = checked((text) =>
  /^[\w.*?:-]{1,253}$/.test(text)
    ? null
    : 'is no hostname or host id; only * (any run of characters) and ? (one) stand for others',
);
const version = checked((text) => {
  if (text.trim() === '') return 'is empty: give a version, or leave the line out';
  return text.length > 100 ? 'is longer than 100 characters' : labelValueFault(text);
});

const host = orNothing(z.strictObject({ labels: labels.optional() }, 'must be a map with labels'));
const group = orNothing(
  z.strictObject(
    {
      baseline: orNothing(
        z.strictObject(
          Object.fromEntries(facetNames.map((facet) => [facet, version.optional()])) as Record<
            FacetName,
            z.ZodOptional<typeof version>
          >,
          'must be a map of versions, such as driver: 580.159.03',
        ),
      ).optional(),
    },
    'must be a map with a baseline',
  ),
);

const fileSchema = (known: KnownRules) =>
  orNothing(
    z.strictObject(
      {
        hosts: orNothing(
          z
            .record(hostPattern, host, 'must be a map from hostname, host id or pattern to labels')
            .refine((all) => Object.keys(all).length <= mostHosts, `has more than ${mostHosts} entries`)
            .refine(
              (all) => Object.keys(all).filter(isGlob).length <= mostGlobs,
              `has more than ${mostGlobs} patterns`,
            ),
        ).optional(),
        groups: orNothing(
          z.record(checked(groupFault), group, 'must be a map from group to baseline'),
        ).optional(),
        alerts: orNothing(alertSection(known)).optional(),
      },
      'must have hosts:, groups: or alerts: at its top',
    ),
  );

function groupFault(name: string): string | null {
  return name === '' ? 'is empty' : labelValueFault(name);
}

/** The hub's fleet file. Never throws; all faults come back together, and then nothing of the file counts. */
export function readFleetFile(text: string, path: string, known: KnownRules = new Map()): FleetFileResult {
  const yaml = readLocatedYaml(text);
  if (!yaml.ok) return { ok: false, faults: [`${path}:${yaml.line}: ${yaml.message}`] };
  const result = fileSchema(known).safeParse(yaml.value);
  if (result.success) return { ok: true, content: contentOf(result.data) };
  const all = result.error.issues.flatMap(faultsOf).map(({ at, message }) => ({
    line: yaml.lineOf(at),
    text: `${at.length === 0 ? '' : `${at.map(String).join(' › ')}: `}${message}`,
  }));
  all.sort((a, b) => a.line - b.line);
  const faults = all.slice(0, mostFaults).map(({ line, text: what }) => `${path}:${line}: ${what}`);
  if (all.length > mostFaults) faults.push(`${path}: and ${all.length - mostFaults} more`);
  return { ok: false, faults };
}

interface Place {
  readonly at: readonly PropertyKey[];
  readonly message: string;
}

function faultsOf(issue: z.core.$ZodIssue): Place[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ at: [...issue.path, key], message: 'is not known here' }));
  const inner = issue.code === 'invalid_key' ? issue.issues[0]?.message : undefined;
  return [{ at: issue.path, message: inner ?? issue.message }];
}

function contentOf({
  hosts = {},
  groups = {},
  alerts = noAlertRules,
}: z.infer<ReturnType<typeof fileSchema>>): FleetFileContent {
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
    labelsOf({ id, hostname }) {
      const [ownId, ownName] = [id.toLowerCase(), hostname.toLowerCase()];
      const matching = globs.filter(
        ({ pattern }) => matchesGlob(pattern, ownName) || matchesGlob(pattern, ownId),
      );
      return Object.assign({}, ...matching.map((glob) => glob.labels), exact.get(ownName), exact.get(ownId));
    },
    alerts,
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
};
