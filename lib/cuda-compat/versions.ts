/** A version as its numbers from the left: `550.54.15` is [550, 54, 15]; null for what is no version. */
export function versionNumbers(text: string): readonly number[] | null {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const numbers = readNumbers(text);
  if (kept.size < 5000) kept.set(text, numbers);
  return numbers;
}

/** A fleet has few versions, and a verdict compares many. */
const kept = new Map<string, readonly number[] | null>();

function readNumbers(text: string): readonly number[] | null {
  const match = /^v?(\d{1,9}(?:\.\d{1,9}){0,4})(?:[-~+].*)?$/.exec(text.trim());
  return match?.[1]?.split('.').map(Number) ?? null;
}

/** Below 0: `a` is older. Missing numbers count as 0, as NVIDIA's own checks have it; what is no version is the oldest. */
export function compareVersions(a: string, b: string): number {
  if (a === b) return 0;
  const left = versionNumbers(a) ?? [];
  const right = versionNumbers(b) ?? [];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

export const isAtLeast = (version: string, floor: string): boolean => compareVersions(version, floor) >= 0;

/** First number of a version: a driver's branch, CUDA's major; null for what is no version. */
export const majorOf = (version: string): number | null => versionNumbers(version)?.[0] ?? null;

/** `12.8` of `12.8.1`; a missing minor is 0. */
export function majorMinorOf(version: string): string | null {
  const numbers = versionNumbers(version);
  return numbers === null ? null : `${numbers[0]}.${numbers[1] ?? 0}`;
}
