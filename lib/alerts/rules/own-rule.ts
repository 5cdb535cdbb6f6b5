import { alertFields, type OwnAlertRule } from '../../model/index.ts';
import { type FieldValue, gpuField, hostField } from './fields.ts';
import { type Found, type HostRule, hostHref, namedGpu } from './host-rule.ts';
import { matchesGlob } from './matching.ts';
import type { HostReading } from './rule.ts';

/** `fires`, `lingers` (only while it fires already), or `clear`; null where the field is not told. */
export function standing(rule: OwnAlertRule, told: FieldValue): 'fires' | 'lingers' | 'clear' | null {
  if (told === null) return null;
  const { comparison, value, hysteresis } = rule;
  if (comparison === 'is' || comparison === 'is-not') {
    const same =
      typeof told === 'string' ? matchesGlob(String(value), told) : told === value || String(told) === value;
    return same === (comparison === 'is') ? 'fires' : 'clear';
  }
  if (typeof told !== 'number' || typeof value !== 'number') return null;
  const beyond = comparison === 'above' ? told - value : value - told;
  if (beyond > 0) return 'fires';
  return beyond > -hysteresis ? 'lingers' : 'clear';
}

/** A value as a person reads it. */
export function valueWords(value: number | string | boolean, unit: string | null): string {
  if (typeof value !== 'number') return typeof value === 'boolean' ? (value ? 'on' : 'off') : `"${value}"`;
  const round = (number: number): string => String(Number(number.toPrecision(6)));
  if (unit === 'ratio') return `${round(value * 100)} %`;
  if (unit === 'celsius') return `${round(value)} °C`;
  if (unit === 'watts') return `${round(value)} W`;
  if (unit === 'hertz') return `${round(value / 1e6)} MHz`;
  if (unit === 'bytes') return `${round(value / 1024 ** 3)} GiB`;
  if (unit === 'seconds') return `${round(value)} s`;
  return round(value);
}

const comparisonWords = { above: 'above', below: 'below', is: '', 'is-not': 'not' } as const;

/** What a rule of one's own asks, in words: `temperature of its memory above 95 °C`. */
export function ruleWords({ field, comparison, value }: OwnAlertRule): string {
  const { says, unit } = alertFields[field];
  return [says, comparisonWords[comparison], valueWords(value, unit)].filter((word) => word !== '').join(' ');
}

function found(rule: OwnAlertRule, host: HostReading, severity: Found['facts']['severity']): Found[] {
  const isGpu = alertFields[rule.field].of === 'gpu';
  const shown = rule.name.replace(/^own:/, '');
  const facts = (what: string, href: string, labels: Readonly<Record<string, string>>): Found['facts'] => ({
    severity,
    cause: shown,
    what: `${what}: ${ruleWords(rule)}`,
    since: null,
    whyItMatters: rule.text ?? `A rule of the fleet file, "${shown}", says that someone wants to know.`,
    whatToDo:
      rule.text === null ? 'Ask whoever wrote the rule; it has no text.' : `See its text: ${rule.text}`,
    href,
    labels: { ...labels, field: rule.field },
  });
  if (!isGpu) {
    const now = standing(rule, hostField(rule.field, host));
    if (now === null || now === 'clear') return [];
    return [
      {
        subject: '',
        model: null,
        lingers: now === 'lingers',
        facts: facts(host.hostname, hostHref(host), {}),
      },
    ];
  }
  return (host.report?.gpus ?? []).flatMap((gpu) => {
    const now = gpu.state === 'ok' ? standing(rule, gpuField(rule.field, gpu)) : null;
    if (now === null || now === 'clear') return [];
    const { key, words, model, href, labels } = namedGpu(host, gpu);
    return [{ subject: key, model, lingers: now === 'lingers', facts: facts(words, href, labels) }];
  });
}

/** A rule of the fleet file in the form of the house's. */
export const ownRule = (rule: OwnAlertRule): HostRule => ({
  name: rule.name,
  severity: rule.severity,
  watches: `${alertFields[rule.field].of === 'gpu' ? 'GPU' : 'Host'}: ${ruleWords(rule)} (fleet file).`,
  afterSeconds: rule.forSeconds,
  cleared: 'it no longer holds',
  needs: alertFields[rule.field].of === 'gpu' || rule.field === 'host.gpus' ? 'numbers' : 'state',
  find: (host, { severity }) => found(rule, host, severity),
});
