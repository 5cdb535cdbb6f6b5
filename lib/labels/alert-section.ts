import { z } from 'zod';
import {
  type AlertComparison,
  type AlertFieldName,
  type AlertRuleSettings,
  type AlertRulesConfig,
  alertComparisons,
  alertFieldNames,
  alertFields,
  type OwnAlertRule,
  ownRulePrefix,
} from '../model/index.ts';
import { readDuration, readQuantity } from './quantities.ts';

/** The house's rules by name; null: one without a threshold. */
export type KnownRules = ReadonlyMap<
  string,
  { readonly threshold: { readonly min: number; readonly max: number; readonly unit: string } | null }
>;

const mostOwnRules = 200;
const mostWords = 200;
const longestSeconds = 30 * 86_400;
const ownName = /^[a-z][a-z0-9-]{0,62}$/;

const text = z.string('must be plain text');

const read = <T>(reader: (text: string) => T | string) =>
  text.transform((value, context): T => {
    const result = reader(value);
    if (typeof result !== 'string') return result;
    context.addIssue({ code: 'custom', message: result });
    return z.NEVER;
  });

const duration = read((value): number | string => {
  const seconds = readDuration(value);
  if (seconds === null) return `"${value}" is no time such as 90s, 5m or 2h`;
  return seconds <= longestSeconds ? seconds : 'is longer than 30 days';
});
const yesOrNo = read((value): boolean | string => {
  if (['yes', 'true', 'on'].includes(value)) return true;
  return ['no', 'false', 'off'].includes(value) ? false : `"${value}" is neither yes nor no`;
});
const severity = z.enum(['critical', 'warning'], 'is neither critical nor warning');
const word = text.min(1, 'is empty').max(255, 'is longer than 255 characters');
const words = z
  .union([word.transform((one) => [one]), z.array(word)], 'must be a text or a list of texts')
  .refine((all) => all.length > 0 && all.length <= mostWords, `must be 1 to ${mostWords} texts`);

const scope = { hosts: words.optional(), models: words.optional() };

const ruleSettings = z.strictObject(
  {
    on: yesOrNo.optional(),
    severity: severity.optional(),
    for: duration.optional(),
    'clear-for': duration.optional(),
    threshold: text.optional(),
    ...scope,
  },
  'must be a map such as { for: 10m, severity: critical }',
);

const ownRule = z.strictObject(
  {
    field: z.enum(alertFieldNames, `is none of ${alertFieldNames.join(', ')}`),
    above: text.optional(),
    below: text.optional(),
    is: text.optional(),
    'is-not': text.optional(),
    hysteresis: text.optional(),
    for: duration.optional(),
    severity: severity.optional(),
    text: text.max(1000, 'is longer than 1000 characters').optional(),
    ...scope,
  },
  'must be a map such as { field: gpu.temperature, above: 85, for: 5m }',
);

type RuleInput = z.infer<typeof ruleSettings>;
type OwnInput = z.infer<typeof ownRule>;
interface Fault {
  readonly key: string;
  readonly message: string;
}

const scopeOf = ({
  hosts,
  models,
}: {
  readonly hosts?: string[] | undefined;
  readonly models?: string[] | undefined;
}) => (hosts === undefined && models === undefined ? null : { hosts: hosts ?? null, models: models ?? null });

/** The settings of one rule, or what is wrong with its threshold. */
function settingsOf(
  input: RuleInput,
  known: NonNullable<ReturnType<KnownRules['get']>>,
): AlertRuleSettings | Fault {
  let threshold: number | null = null;
  if (input.threshold !== undefined) {
    const allowed = known.threshold;
    if (allowed === null) return { key: 'threshold', message: 'is nothing that this rule has' };
    threshold = readQuantity(input.threshold, allowed.unit);
    if (threshold === null || threshold < allowed.min || threshold > allowed.max)
      return { key: 'threshold', message: `must be ${allowed.min} to ${allowed.max} (${allowed.unit})` };
  }
  return {
    isOn: input.on ?? null,
    severity: input.severity ?? null,
    forSeconds: input.for ?? null,
    clearForSeconds: input['clear-for'] ?? null,
    threshold,
    scope: scopeOf(input),
  };
}

/** A value of a field as its kind takes it, or what is wrong with it. */
function readValue(
  field: AlertFieldName,
  comparison: AlertComparison,
  given: string,
): OwnAlertRule['value'] | Fault {
  const { kind, unit } = alertFields[field];
  const isOrder = comparison === 'above' || comparison === 'below';
  if (kind !== 'number' && isOrder)
    return { key: comparison, message: `is for numbers; ${field} is none: use is or is-not` };
  if (kind === 'flag') {
    if (['yes', 'true', 'on'].includes(given)) return true;
    return ['no', 'false', 'off'].includes(given)
      ? false
      : { key: comparison, message: `"${given}" is neither yes nor no` };
  }
  if (kind === 'text') return given;
  return (
    readQuantity(given, unit) ?? {
      key: comparison,
      message: `"${given}" is no number${unit === null ? '' : ` in ${unit}`}`,
    }
  );
}

const isFault = (value: unknown): value is Fault =>
  typeof value === 'object' && value !== null && 'key' in value && 'message' in value;

function ownOf(name: string, input: OwnInput): OwnAlertRule | Fault {
  const given = alertComparisons.filter((comparison) => input[comparison] !== undefined);
  const [comparison] = given;
  if (comparison === undefined || given.length > 1)
    return { key: '', message: 'must have exactly one of above, below, is, is-not' };
  const value = readValue(input.field, comparison, input[comparison] ?? '');
  if (isFault(value)) return value;
  const { kind, unit } = alertFields[input.field];
  const hysteresis = input.hysteresis === undefined ? 0 : readQuantity(input.hysteresis, unit);
  if (hysteresis === null || hysteresis < 0 || (hysteresis > 0 && kind !== 'number'))
    return { key: 'hysteresis', message: 'must be a number of 0 or more, for a field that is a number' };
  return {
    name: `${ownRulePrefix}${name}`,
    field: input.field,
    comparison,
    value,
    forSeconds: input.for ?? 0,
    hysteresis,
    severity: input.severity ?? 'warning',
    scope: scopeOf(input),
    text: input.text ?? null,
  };
}

/** `alerts:` of the fleet file. */
export const alertSection = (known: KnownRules) =>
  z
    .strictObject(
      {
        rules: z.record(text, ruleSettings, 'must be a map from rule to settings').optional(),
        own: z
          .record(text, ownRule, 'must be a map from name to rule')
          .refine((all) => Object.keys(all).length <= mostOwnRules, `has more than ${mostOwnRules} rules`)
          .optional(),
      },
      'must be a map with rules: or own:',
    )
    .transform((input, context): AlertRulesConfig => {
      const rules = new Map<string, AlertRuleSettings>();
      const own: OwnAlertRule[] = [];
      const complain = (path: string[], message: string) =>
        context.addIssue({ code: 'custom', path: path.filter((step) => step !== ''), message });
      for (const [name, settings] of Object.entries(input.rules ?? {})) {
        const rule = known.get(name);
        if (rule === undefined) {
          complain(['rules', name], `is no rule; known are ${[...known.keys()].join(', ')}`);
          continue;
        }
        const made = settingsOf(settings, rule);
        if (isFault(made)) complain(['rules', name, made.key], made.message);
        else rules.set(name, made);
      }
      for (const [name, rule] of Object.entries(input.own ?? {})) {
        const made = ownName.test(name)
          ? ownOf(name, rule)
          : { key: '', message: 'must be a short name of small letters, digits and hyphens' };
        if (isFault(made)) complain(['own', name, made.key], made.message);
        else own.push(made);
      }
      return { rules, own };
    });
