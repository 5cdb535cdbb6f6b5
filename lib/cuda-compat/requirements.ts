import { compareVersions } from './versions.ts';

export const requirementProperties = ['cuda', 'driver', 'arch', 'brand'] as const;
export type RequirementProperty = (typeof requirementProperties)[number];
/** Longest first, as they are looked for. `==` is read as `=`, but NVIDIA's own check does not know it. */
export const requirementOperators = ['==', '!=', '<=', '>=', '=', '<', '>'] as const;
export type RequirementOperator = (typeof requirementOperators)[number];

export interface Factor {
  readonly property: RequirementProperty;
  readonly operator: RequirementOperator;
  readonly value: string;
}

/** A piece that is no `PROPERTY OPERATOR VALUE`. */
export interface MalformedFactor {
  readonly malformed: string;
  /** Where it begins in the whole text, from 0. */
  readonly at: number;
  /** The end of a sentence that begins with the piece. */
  readonly why: string;
  /** A property that is none of the four; the toolkit's own check leaves such a factor out. */
  readonly isUnknownProperty: boolean;
}

/** All factors of a term must hold, and one term. No terms: always holds. */
export interface Requirement {
  readonly terms: readonly (readonly (Factor | MalformedFactor)[])[];
}

export const isMalformed = (factor: Factor | MalformedFactor): factor is MalformedFactor =>
  'malformed' in factor;

/** Reads the value of a `NVIDIA_REQUIRE_*` variable: space is OR, comma is AND. Never throws. */
export function parseRequirement(text: string): Requirement {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const requirement = readRequirement(text);
  if (kept.size < 2000 && text.length < 10_000) kept.set(text, requirement);
  return requirement;
}

/** A fleet has few of them, and they are long. */
const kept = new Map<string, Requirement>();

function readRequirement(text: string): Requirement {
  const terms = [...text.matchAll(/\S+/g)].map((term) =>
    [...term[0].matchAll(/[^,]+/g)].map((piece) => parseFactor(piece[0], term.index + piece.index)),
  );
  return { terms: terms.filter((term) => term.length > 0) };
}

export const faultsOf = ({ terms }: Requirement): readonly MalformedFactor[] =>
  terms.flat().filter(isMalformed);

/** `position 13: "cuda12" has no operator`, for people. */
export const faultText = ({ malformed, at, why }: MalformedFactor): string =>
  `position ${at + 1}: "${malformed}" ${why}`;

function parseFactor(piece: string, at: number): Factor | MalformedFactor {
  const bad = (why: string, isUnknownProperty = false): MalformedFactor => ({
    malformed: piece,
    at,
    why,
    isUnknownProperty,
  });
  const match = /^([^<>=!]*)([<>=!]*)(.*)$/s.exec(piece);
  const [, name = '', sign = '', value = ''] = match ?? [];
  if (sign === '') return bad('has no operator (= != < <= > >=, without spaces around it)');
  if (name === '') return bad('has nothing before its operator');
  const operator = requirementOperators.find((each) => each === sign);
  if (operator === undefined) return bad(`has "${sign}" where one of = != < <= > >= belongs`);
  if (value === '') return bad('has nothing after its operator');
  const property = requirementProperties.find((each) => each === name);
  if (property === undefined)
    return bad(`asks for "${name}", which is none of ${requirementProperties.join(', ')}`, true);
  if (property !== 'brand' && !/^\d+(\.\d+)*$/.test(value))
    return bad(`has "${value}" where a version such as 12.8 belongs`);
  if (property === 'brand' && /[<>=!]/.test(value)) return bad(`has "${value}" where a brand belongs`);
  return { property, operator, value };
}

export const printFactor = (factor: Factor | MalformedFactor): string =>
  isMalformed(factor) ? factor.malformed : `${factor.property}${factor.operator}${factor.value}`;

/** The text that reads as this requirement. */
export const printRequirement = ({ terms }: Requirement): string =>
  terms.map((term) => term.map(printFactor).join(',')).join(' ');

/** What a host is held against. Null: not known. */
export interface RequirementSubject {
  /** CUDA of the driver; `orNewer`: at least this. */
  readonly cuda: { readonly version: string; readonly orNewer: boolean } | null;
  readonly driver: string | null;
  readonly arch: string | null;
  /** What NVML may call it, in small letters without spaces. */
  readonly brands: readonly string[] | null;
}

export type RequirementResult =
  | { readonly holds: true }
  /** `failing`: the factor that NVIDIA's check names. */
  | { readonly holds: false; readonly failing: Factor }
  | { readonly holds: 'invalid'; readonly fault: MalformedFactor | Factor }
  | { readonly holds: 'unknown'; readonly properties: readonly RequirementProperty[] };

export interface EvaluateOptions {
  /** What the checker does with a property that it does not know. */
  readonly unknownProperty: 'invalid' | 'skipped';
  /** Whether the checker reads `==`. */
  readonly doubleEquals: 'invalid' | 'read';
}

type Truth = boolean | 'unknown';

/** In the order of NVIDIA's check: what stands behind a term that holds is not even read. */
export function evaluateRequirement(
  requirement: Requirement,
  subject: RequirementSubject,
  options: EvaluateOptions,
): RequirementResult {
  const asksBrand = requirement.terms.some((term) =>
    term.some((factor) => !isMalformed(factor) && factor.property === 'brand'),
  );
  const brands = asksBrand ? (subject.brands ?? []) : [];
  if (brands.length < 2) return evaluate(requirement, subject, options);
  // Whichever of them it is: where all come to the same, that holds.
  const results = brands.map((brand) => evaluate(requirement, oneBrand(subject, brand), options));
  const [first] = results;
  const isSame = results.every(({ holds }) => holds === first?.holds);
  return first !== undefined && isSame ? first : { holds: 'unknown', properties: ['brand'] };
}

const oneBrand = (subject: RequirementSubject, brand: string): RequirementSubject => ({
  cuda: subject.cuda,
  driver: subject.driver,
  brands: [brand],
  get arch() {
    return subject.arch;
  },
});

function evaluate(
  { terms }: Requirement,
  subject: RequirementSubject,
  options: EvaluateOptions,
): RequirementResult {
  const doubts = new Set<RequirementProperty>();
  let failing: Factor | null = null;
  let told = 0;
  for (const term of terms) {
    const read = readTerm(term, subject, options);
    for (const property of read.doubts) doubts.add(property);
    failing ??= read.failing;
    if (read.fault !== null)
      return doubts.size > 0 ? doubtful(doubts) : { holds: 'invalid', fault: read.fault };
    if (read.isEmpty) continue;
    told += 1;
    if (read.failing === null && read.doubts.length === 0) return { holds: true };
  }
  if (told === 0) return { holds: true };
  if (doubts.size > 0) return doubtful(doubts);
  return failing === null ? { holds: true } : { holds: false, failing };
}

interface TermRead {
  readonly fault: MalformedFactor | Factor | null;
  readonly failing: Factor | null;
  /** Properties without which the term is neither true nor false. */
  readonly doubts: readonly RequirementProperty[];
  readonly isEmpty: boolean;
}

function readTerm(
  term: readonly (Factor | MalformedFactor)[],
  subject: RequirementSubject,
  options: EvaluateOptions,
): TermRead {
  const doubts: RequirementProperty[] = [];
  let isEmpty = true;
  for (const factor of term) {
    if (isMalformed(factor)) {
      if (factor.isUnknownProperty && options.unknownProperty === 'skipped') continue;
      return { fault: factor, failing: null, doubts, isEmpty };
    }
    if (factor.operator === '==' && options.doubleEquals === 'invalid')
      return { fault: factor, failing: null, doubts, isEmpty };
    isEmpty = false;
    const holds = factorHolds(factor, subject);
    if (holds === false) return { fault: null, failing: factor, doubts: [], isEmpty };
    if (holds === 'unknown') doubts.push(factor.property);
  }
  return { fault: null, failing: null, doubts, isEmpty };
}

const doubtful = (properties: ReadonlySet<RequirementProperty>): RequirementResult => ({
  holds: 'unknown',
  properties: [...properties],
});

function factorHolds({ property, operator, value }: Factor, subject: RequirementSubject): Truth {
  switch (property) {
    case 'cuda':
      if (subject.cuda === null) return 'unknown';
      return subject.cuda.orNewer
        ? holdsFrom(operator, compareVersions(subject.cuda.version, value))
        : holds(operator, compareVersions(subject.cuda.version, value));
    case 'driver':
    case 'arch': {
      const known = subject[property];
      return known === null ? 'unknown' : holds(operator, compareVersions(known, value));
    }
    case 'brand': {
      const [brand, ...others] = subject.brands ?? [];
      if (brand === undefined || others.length > 0) return 'unknown';
      const wanted = value.toLowerCase();
      return holds(operator, brand === wanted ? 0 : brand < wanted ? -1 : 1);
    }
  }
}

function holds(operator: RequirementOperator, order: number): boolean {
  switch (operator) {
    case '=':
    case '==':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

/** As `holds`, where what is compared is at least that. */
function holdsFrom(operator: RequirementOperator, order: number): Truth {
  const isBeyond = order > 0;
  switch (operator) {
    case '>=':
      return order >= 0 ? true : 'unknown';
    case '>':
    case '!=':
      return isBeyond ? true : 'unknown';
    case '<':
      return order >= 0 ? false : 'unknown';
    case '<=':
    case '=':
    case '==':
      return isBeyond ? false : 'unknown';
  }
}
