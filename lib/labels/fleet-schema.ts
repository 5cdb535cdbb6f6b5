import { z } from 'zod';
import {
  type FacetName,
  facetNames,
  facetShapes,
  labelKeyFault,
  labelValueFault,
  mostHostLabels,
  readExpectation,
} from '../model/index.ts';
import { alertSection, type KnownRules } from './alert-section.ts';
import { compatSection } from './compat-section.ts';
import { isGlob } from './glob.ts';
import { checked, orNothing } from './schema-parts.ts';
import { sshSection } from './ssh-section.ts';

const mostHosts = 20_000;
const mostGlobs = 1000;
const mostGroups = 1000;
const mostPatterns = 100;
const longestExpectation = 400;

/** One, or a list of them. */
const oneOrMore = <T extends z.ZodType<string>>(one: T, most: number) =>
  z.preprocess(
    (value) => (typeof value === 'string' ? [value] : value),
    z.array(one, 'must be a text or a list').min(1, 'is empty').max(most, `has more than ${most}`),
  );

const label = checked(labelKeyFault);
const labelValue = checked(labelValueFault);
const labels = orNothing(
  z
    .record(label, labelValue, 'must be a map of labels, such as rack: a1')
    .refine((all) => Object.keys(all).length <= mostHostLabels, `has more than ${mostHostLabels} labels`),
);

const hostPattern = checked((text) =>
  /^[\w.*?:-]{1,253}$/.test(text)
    ? null
    : 'is no hostname or host id; only * (any run of characters) and ? (one) stand for others',
);

function expectationFault(facet: FacetName, text: string): string | null {
  if (text.trim() === '') return 'is empty: give a version, or leave the line out';
  if (text.length > longestExpectation) return `is longer than ${longestExpectation} characters`;
  const ofText = labelValueFault(text.slice(0, 255));
  if (ofText !== null) return ofText;
  const read = readExpectation(text);
  if (!read.ok) return read.fault;
  const { title, compares } = facetShapes[facet];
  return read.expectation.kind === 'range' && compares === 'text'
    ? `is a range, but ${title} has no newer and older: give the value, or several with |`
    : null;
}

/** A value, a range, or several values: as a list, or in one text with |. */
const expectation = (facet: FacetName) =>
  z.preprocess(
    (value) =>
      Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string')
        ? value.join(' | ')
        : value,
    checked((text) => expectationFault(facet, text)),
  );

const facetFields = Object.fromEntries(
  facetNames.map((facet) => [facet, expectation(facet).optional()]),
) as unknown as Record<FacetName, z.ZodOptional<z.ZodType<string>>>;

const host = orNothing(z.strictObject({ labels: labels.optional() }, 'must be a map with labels'));

/** Which hosts a group takes in. */
export const matchSchema = z
  .strictObject(
    {
      labels: z
        .record(label, oneOrMore(labelValue, mostPatterns), 'must be a map of labels, such as rack: a1')
        .optional(),
      model: oneOrMore(checked(groupFault), mostPatterns).optional(),
      host: oneOrMore(hostPattern, mostPatterns).optional(),
    },
    'must be a map with labels, model or host',
  )
  .refine(
    ({ labels: wanted, model, host: hosts }) =>
      model !== undefined || hosts !== undefined || Object.keys(wanted ?? {}).length > 0,
    'takes in every host: name labels, a model or a host',
  );

const group = orNothing(
  z.strictObject(
    {
      match: matchSchema.optional(),
      baseline: orNothing(
        z.strictObject(facetFields, 'must be a map of versions, such as driver: 580.159.03'),
      ).optional(),
    },
    'must be a map with a match or a baseline',
  ),
);

export const fleetSchema = (known: KnownRules) =>
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
          z
            .record(checked(groupFault), group, 'must be a map from group to baseline')
            .refine((all) => Object.keys(all).length <= mostGroups, `has more than ${mostGroups} groups`),
        ).optional(),
        alerts: orNothing(alertSection(known)).optional(),
        compatibility: orNothing(compatSection).optional(),
        ssh: sshSection.optional(),
      },
      'must have hosts:, groups:, alerts:, compatibility: or ssh: at its top',
    ),
  );

export type FleetText = z.infer<ReturnType<typeof fleetSchema>>;

function groupFault(name: string): string | null {
  return name === '' ? 'is empty' : labelValueFault(name);
}
