import type { z } from 'zod';

/** True: the schema takes the value and gives it back as it is. False: ask the schema. */
export type SureCheck = (value: unknown) => boolean;

type Def = z.core.$ZodTypeDef & Readonly<Record<string, unknown>>;
type CheckDef = z.core.$ZodCheckDef & Readonly<Record<string, unknown>>;

const never: SureCheck = () => false;
const defOf = (schema: unknown): Def => (schema as z.core.$ZodType)._zod.def as unknown as Def;

/** Both, or the one that there is. */
function both(first: SureCheck, second: SureCheck | null): SureCheck {
  return second === null ? first : (value) => first(value) && second(value);
}

function checkOf(def: CheckDef): SureCheck {
  const { minimum, maximum, value: limit, inclusive, pattern, tx, fn } = def;
  switch (def.check) {
    case 'min_length':
      return (value) => (value as string).length >= (minimum as number);
    case 'max_length':
      return (value) => (value as string).length <= (maximum as number);
    case 'greater_than':
      return inclusive === true
        ? (value) => (value as number) >= (limit as number)
        : (value) => (value as number) > (limit as number);
    case 'less_than':
      return inclusive === true
        ? (value) => (value as number) <= (limit as number)
        : (value) => (value as number) < (limit as number);
    case 'number_format':
      return def['format'] === 'safeint' ? Number.isSafeInteger : never;
    case 'string_format':
      return pattern instanceof RegExp ? (value) => pattern.test(value as string) : never;
    case 'overwrite':
      return (value) => (tx as (value: unknown) => unknown)(value) === value;
    case 'custom':
      return (value) => (fn as (value: unknown) => unknown)(value) === true;
    default:
      return never;
  }
}

/** What a schema adds to its type: its own format, then its checks in order. */
function checksOf(def: Def): SureCheck | null {
  const own = def['check'] === undefined || def.type === 'custom' ? [] : [def as unknown as CheckDef];
  const added = (def.checks ?? []).map((check) => check._zod.def as CheckDef);
  const all = [...own, ...added].map(checkOf);
  return all.length === 0 ? null : all.reduce((first, second) => both(first, second));
}

/** Most of a report is numbers between two bounds, or null: one function each. Null for any other schema. */
function rangeCheck(def: Def, orNull: boolean): SureCheck | null {
  if (def.type !== 'number') return null;
  const isWhole = def['format'] === 'safeint';
  if (def['check'] !== undefined && !isWhole) return null;
  let [least, most] = [-Number.MAX_VALUE, Number.MAX_VALUE];
  for (const check of def.checks ?? []) {
    const { check: kind, value, inclusive } = check._zod.def as CheckDef;
    if (inclusive !== true) return null;
    if (kind === 'greater_than') least = Math.max(least, value as number);
    else if (kind === 'less_than') most = Math.min(most, value as number);
    else return null;
  }
  if (isWhole)
    return (value) =>
      Number.isSafeInteger(value)
        ? (value as number) >= least && (value as number) <= most
        : orNull && value === null;
  return (value) => (typeof value === 'number' ? value >= least && value <= most : orNull && value === null);
}

function objectCheck(shape: Readonly<Record<string, unknown>>): SureCheck {
  const members = Object.entries(shape).map(([key, schema]) => {
    const isOptional = defOf(schema).type === 'optional';
    return { key, isOptional, check: sureCheck(isOptional ? defOf(schema)['innerType'] : schema) };
  });
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    let known = 0;
    for (const { key, isOptional, check } of members) {
      const member = (value as Record<string, unknown>)[key];
      if (member === undefined && isOptional) continue;
      if (!check(member)) return false;
      known += 1;
    }
    // One more is a key that the schema drops.
    let all = 0;
    for (const _ in value) all += 1;
    return all === known;
  };
}

function recordCheck(keyCheck: SureCheck, valueCheck: SureCheck): SureCheck {
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    return Object.entries(value).every(
      ([key, member]) => key !== '__proto__' && keyCheck(key) && valueCheck(member),
    );
  };
}

function arrayCheck(item: SureCheck): SureCheck {
  return (value) => {
    if (!Array.isArray(value)) return false;
    // every() would pass over a hole.
    for (const member of value) if (!item(member)) return false;
    return true;
  };
}

function typeCheck(def: Def): SureCheck {
  switch (def.type) {
    case 'string':
      return (value) => typeof value === 'string';
    case 'number':
      return Number.isFinite;
    case 'boolean':
      return (value) => typeof value === 'boolean';
    case 'unknown':
      return () => true;
    case 'custom':
      return (value) => (def['fn'] as (value: unknown) => unknown)(value) === true;
    case 'enum': {
      const allowed = new Set<unknown>(Object.values(def['entries'] as object));
      return (value) => allowed.has(value);
    }
    case 'nullable': {
      const inner = sureCheck(def['innerType']);
      return rangeCheck(defOf(def['innerType']), true) ?? ((value) => value === null || inner(value));
    }
    case 'array':
      return defOf(def['element']).type === 'unknown' ? Array.isArray : arrayCheck(sureCheck(def['element']));
    case 'object':
      return def['catchall'] === undefined
        ? objectCheck(def['shape'] as Readonly<Record<string, unknown>>)
        : never;
    case 'record':
      return recordCheck(sureCheck(def['keyType']), sureCheck(def['valueType']));
    case 'pipe':
      return both(sureCheck(def['in']), sureCheck(def['out']));
    default:
      return never;
  }
}

/**
 * A quick check made from a schema, for what is nearly always right: a fifth of the schema's own cost, since nothing is
 * copied and no fault is described. What it does not know it is not sure of.
 */
export function sureCheck(schema: unknown): SureCheck {
  const def = defOf(schema);
  return rangeCheck(def, false) ?? both(typeCheck(def), checksOf(def));
}
