import { versionOrder } from './version-order.ts';

/** What a baseline's text asks of a value. */
export type Expectation =
  | { readonly kind: 'exact'; readonly value: string }
  | { readonly kind: 'one-of'; readonly values: readonly string[] }
  /** Null: open at that end. */
  | { readonly kind: 'range'; readonly least: Bound | null; readonly most: Bound | null };

interface Bound {
  readonly version: string;
  readonly isIncluded: boolean;
}

export type ReadExpectation =
  | { readonly ok: true; readonly expectation: Expectation }
  /** The end of a sentence. */
  | { readonly ok: false; readonly fault: string };

const no = (fault: string): ReadExpectation => ({ ok: false, fault });
const howTo = 'write >=580.95, <590, or both: >=580.95 <590';

function readRange(text: string): ReadExpectation {
  const steps = [...text.matchAll(/(>=|<=|>|<)\s*([^\s<>=]+)\s*/g)];
  if (steps.length === 0 || steps.length > 2 || steps.map(([whole]) => whole).join('') !== `${text}`)
    return no(`is no range: ${howTo}`);
  let least: Bound | null = null;
  let most: Bound | null = null;
  for (const [, operator = '', version = ''] of steps) {
    if (!/^\d/.test(version)) return no(`is no range, since ${version} is no version: ${howTo}`);
    const bound = { version, isIncluded: operator.endsWith('=') };
    if (operator.startsWith('>')) {
      if (least !== null) return no(`has two lower ends: ${howTo}`);
      least = bound;
    } else {
      if (most !== null) return no(`has two upper ends: ${howTo}`);
      most = bound;
    }
  }
  if (least !== null && most !== null) {
    const order = versionOrder(least.version, most.version);
    if (order > 0 || (order === 0 && !(least.isIncluded && most.isIncluded)))
      return no(`is a range that nothing is in: ${least.version} is not below ${most.version}`);
  }
  return { ok: true, expectation: { kind: 'range', least, most } };
}

function readChoice(text: string): ReadExpectation {
  const values = text.split('|').map((value) => value.trim());
  if (values.includes('')) return no('has an empty place between its |');
  const twice = values.find((value, at) => values.indexOf(value) !== at);
  if (twice !== undefined) return no(`names ${twice} twice`);
  return { ok: true, expectation: { kind: 'one-of', values } };
}

/**
 * Reads a baseline: `580.159.03` is that value alone, `>=1.19.1` a minimum, `>=580.95 <590` a range, `6.8 | 6.11` one of
 * several. Never throws.
 */
export function readExpectation(text: string): ReadExpectation {
  const trimmed = text.trim();
  if (/^[<>=]/.test(trimmed)) return readRange(trimmed);
  if (trimmed.includes('|')) return readChoice(trimmed);
  return { ok: true, expectation: { kind: 'exact', value: trimmed } };
}

/** Whether a value is what a baseline's text asks. A value that is no version is in no range. */
export function isAsExpected(expected: string, actual: string): boolean {
  if (expected === actual) return true;
  const read = readExpectation(expected);
  if (!read.ok) return false;
  const { expectation } = read;
  if (expectation.kind === 'exact') return expectation.value === actual;
  if (expectation.kind === 'one-of') return expectation.values.includes(actual);
  if (!/^\d/.test(actual)) return false;
  const { least, most } = expectation;
  const above = least === null ? 1 : versionOrder(actual, least.version);
  const below = most === null ? -1 : versionOrder(actual, most.version);
  return (
    (above > 0 || (above === 0 && least?.isIncluded === true)) &&
    (below < 0 || (below === 0 && most?.isIncluded === true))
  );
}

/** What of `>=580` or `a | b` a value is compared with for "newer" and "older": the end or value that it missed. */
export function nearestExpected(expected: string, actual: string): string {
  const read = readExpectation(expected);
  if (!read.ok || read.expectation.kind === 'exact') return expected;
  if (read.expectation.kind === 'one-of') return read.expectation.values[0] ?? expected;
  const { least, most } = read.expectation;
  if (least !== null && versionOrder(actual, least.version) <= 0) return least.version;
  return most?.version ?? least?.version ?? expected;
}
