/** So many hosts must tell a facet before anything is inferred, and more than this share of them must agree. */
export const leastTelling = 3;
export const agreeingRatio = 0.6;

/** What a group's hosts agree on; null where too few tell it or they do not agree. One value a host that tells. */
export function inferBaseline(values: readonly string[]): string | null {
  if (values.length < leastTelling) return null;
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  for (const [value, count] of counts) if (count > values.length * agreeingRatio) return value;
  return null;
}
