import { type bounds, type FailureCode, isWithin, longestGpuUuid } from '../model/index.ts';

/** How a printed value is to be read; the result is in the base unit of the name. */
export type ValueKind =
  | 'text'
  /** A name that is of no use when cut. */
  | 'uuid'
  | 'count'
  | 'index'
  | 'pid'
  | 'bytes'
  | 'bytesPerSecond'
  | 'ratio'
  /** May be more than 100 %. */
  | 'looseRatio'
  | 'celsius'
  | 'watts'
  | 'hertz'
  | 'volts'
  | 'seconds'
  | 'width'
  | 'flag'
  | 'performanceState';

export type Value = string | number | boolean;

/** Absent is silent, unrecognised is a problem, failed says something about the GPU. */
export type Reading =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed'; readonly code: FailureCode }
  | { readonly kind: 'unrecognised'; readonly message: string };

const longestTextValue = 4096;
const absent: Reading = { kind: 'absent' };

const absentTexts = new Set([
  '',
  'n/a',
  'not supported',
  'not available',
  'not available in wddm driver model',
  'not found',
  'function not found',
  'no data',
  'insufficient permissions',
  'requested functionality has been deprecated',
]);

/** NVML's error strings that tell of a sick GPU or driver, as they appear in the place of a value. */
const failedTexts: ReadonlyMap<string, FailureCode> = new Map([
  ['gpu is lost', 'gpu-lost'],
  ['err!', 'unknown-error'],
  ['unknown error', 'unknown-error'],
  ['gpu requires reset', 'unknown-error'],
  ['reset required', 'unknown-error'],
  ['corrupted inforom', 'unknown-error'],
  ['insufficient external power', 'unknown-error'],
  ['interrupt request issue', 'unknown-error'],
  ['timeout', 'timeout'],
  ['driver not loaded', 'driver-not-loaded'],
  ['driver/library version mismatch', 'version-mismatch'],
]);

/** `MiB` of old drivers is printed as `MB`; both are 2^20. NVML's PCIe counters are in thousands. */
interface Scale {
  readonly multiply?: number;
  readonly divide?: number;
}

type NumberKind = Exclude<keyof typeof bounds, 'joules'> | 'width';

const plain: ReadonlyMap<string, Scale> = new Map([['', {}]]);
const percent: ReadonlyMap<string, Scale> = new Map([
  ['', { divide: 100 }],
  ['%', { divide: 100 }],
]);
const scales: Readonly<Record<NumberKind, ReadonlyMap<string, Scale>>> = {
  index: plain,
  pid: plain,
  count: new Map([
    ['', {}],
    ['bank(s)', {}],
  ]),
  bytes: new Map([
    ['', { multiply: 1_048_576 }],
    ['MiB', { multiply: 1_048_576 }],
    ['MB', { multiply: 1_048_576 }],
    ['KiB', { multiply: 1024 }],
    ['GiB', { multiply: 1_073_741_824 }],
  ]),
  bytesPerSecond: new Map([
    ['', { multiply: 1000 }],
    ['KB/s', { multiply: 1000 }],
    ['MB/s', { multiply: 1_000_000 }],
  ]),
  ratio: percent,
  looseRatio: percent,
  celsius: new Map([
    ['', {}],
    ['C', {}],
  ]),
  watts: new Map([
    ['', {}],
    ['W', {}],
    ['mW', { divide: 1000 }],
  ]),
  hertz: new Map([
    ['', { multiply: 1_000_000 }],
    ['MHz', { multiply: 1_000_000 }],
  ]),
  volts: new Map([
    ['', { divide: 1000 }],
    ['mV', { divide: 1000 }],
  ]),
  seconds: new Map([
    ['', {}],
    ['s', {}],
    ['seconds', {}],
    ['ms', { divide: 1000 }],
    ['us', { divide: 1_000_000 }],
  ]),
  width: new Map([
    ['', {}],
    ['x', {}],
  ]),
};

const wholeNumbers: ReadonlySet<string> = new Set(['count', 'index', 'pid', 'width']);
const numberText = /^-?\d{1,18}(?:\.\d{1,12})?\s*[A-Za-z%(/)]*$/;
const flags: ReadonlyMap<string, boolean> = new Map([
  ['enabled', true],
  ['disabled', false],
  ['yes', true],
  ['no', false],
  ['active', true],
  ['not active', false],
  ['true', true],
  ['false', false],
  ['1', true],
  ['0', false],
]);

function bare(text: string): string {
  const trimmed = text.trim();
  const inner = trimmed.startsWith('[') && trimmed.endsWith(']') ? trimmed.slice(1, -1) : trimmed;
  return inner.trim().toLowerCase();
}

/** The failure that a text in the place of a value tells of, or null. */
export function failedValue(text: string): FailureCode | null {
  // Every failure text is short, and words: a cheap refusal for most others.
  if (text.length > 60 || text === 'N/A' || beginsLikeNumber(text)) return null;
  return failedTexts.get(bare(text)) ?? null;
}

export function isAbsent(text: string): boolean {
  return text.length <= 60 && absentTexts.has(bare(text));
}

function readNumber(text: string, kind: NumberKind, unit: string): Reading {
  if (!numberText.test(text)) return { kind: 'unrecognised', message: 'is not a number' };
  const printedUnit = unitOf(text) || unit;
  const scale = scales[kind].get(printedUnit);
  if (scale === undefined) return { kind: 'unrecognised', message: `is not in a unit of ${kind}` };
  const value = (Number.parseFloat(text) * (scale.multiply ?? 1)) / (scale.divide ?? 1);
  const unbelievable = outside(value, kind);
  if (unbelievable !== null) return { kind: 'unrecognised', message: unbelievable };
  if (wholeNumbers.has(kind) && !Number.isInteger(value)) {
    return { kind: 'unrecognised', message: 'is not a whole number' };
  }
  return { kind: 'value', value: value === 0 ? 0 : value };
}

/** What stands behind the number. Without a match's groups, which take memory: numbers are most of what is read. */
function unitOf(text: string): string {
  let at = text.length;
  while (at > 0 && !endsNumber(text.charCodeAt(at - 1))) at -= 1;
  return text.slice(at).trimStart();
}

/** A digit, or the blank behind it. */
const endsNumber = (code: number): boolean => (code >= 48 && code <= 57) || code === 32;

/** What is wrong with a number that is out of its bounds; null for one that is not. */
function outside(value: number, kind: NumberKind): string | null {
  if (isWithin(kind === 'width' ? 'count' : kind, value)) return null;
  if (kind === 'celsius') return 'is no temperature';
  if (value < 0) return 'is negative';
  return kind === 'ratio' ? 'is more than 100 %' : 'is larger than any real value';
}

/** What a text says that tells no value: nothing, or a failure; null where it may be a value. */
function noValue(text: string): Reading | null {
  if (text === 'N/A' || text === '[N/A]') return absent;
  // Every such text is short: a cheap refusal for long ones.
  if (text.length > 60) return null;
  const words = bare(text);
  if (absentTexts.has(words)) return absent;
  const code = failedTexts.get(words);
  return code === undefined ? null : { kind: 'failed', code };
}

/**
 * Reads one printed value. `unit` is the one of a column's head, for values that are printed without.
 * Never throws; a number is always finite and within its bounds.
 */
export function readValue(text: string, kind: ValueKind, unit = ''): Reading {
  const trimmed = text.trim();
  // A text that begins like a number is nothing else; most are numbers, on every host at each sample.
  if (!isNumeric(kind) || !beginsLikeNumber(trimmed)) {
    const nothing = noValue(trimmed);
    if (nothing !== null) return nothing;
  }
  switch (kind) {
    case 'text':
      return { kind: 'value', value: trimmed.slice(0, longestTextValue) };
    case 'uuid':
      return trimmed.length <= longestGpuUuid
        ? { kind: 'value', value: trimmed }
        : { kind: 'unrecognised', message: 'is too long for a uuid' };
    case 'flag': {
      const flag = flags.get(trimmed) ?? flags.get(trimmed.toLowerCase());
      return flag === undefined
        ? { kind: 'unrecognised', message: 'is neither on nor off' }
        : { kind: 'value', value: flag };
    }
    case 'performanceState':
      return /^P\d{1,2}$/.test(trimmed)
        ? { kind: 'value', value: trimmed }
        : { kind: 'unrecognised', message: 'is no performance state' };
    default:
      return readNumber(trimmed, kind, unit);
  }
}

const isNumeric = (kind: ValueKind): boolean => kind in scales;

/** No text of an absence or a failure begins with a digit or a minus. */
function beginsLikeNumber(text: string): boolean {
  const first = text.charCodeAt(0);
  return first === 45 || (first >= 48 && first <= 57);
}
