/** Distinct values that are named before the rest is only counted. */
const mostNamed = 3;

/**
 * One value for all GPUs of a host: the value itself where they agree, else `7× A, 1× B (GPU 5)`, the most first, and
 * the odd ones named. Null where none tells it.
 */
export function overGpus(
  gpus: readonly { readonly index: number | null; readonly value: string | null }[],
): string | null {
  const byValue = new Map<string, (number | null)[]>();
  for (const { index, value } of gpus) {
    if (value === null) continue;
    byValue.set(value, [...(byValue.get(value) ?? []), index]);
  }
  const [first, ...others] = [...byValue].sort(
    ([a, on], [b, onB]) => onB.length - on.length || (a < b ? -1 : 1),
  );
  if (first === undefined) return null;
  if (others.length === 0) return first[0];
  const odd = others.slice(0, mostNamed).map(([value, on]) => {
    const names = on.map((index) => index ?? '?').slice(0, 4);
    return `${on.length}× ${value} (GPU ${names.join(', ')}${on.length > names.length ? ' …' : ''})`;
  });
  const more = others.length > mostNamed ? ` and ${others.length - mostNamed} more` : '';
  return `${first[1].length}× ${first[0]}, ${odd.join(', ')}${more}`;
}
