const collator = new Intl.Collator('en', { numeric: true });

/** How `actual` stands to `expected`, by its numbers from the left; null where neither is more than the other. */
export function compareVersions(actual: string, expected: string): 'newer' | 'older' | null {
  const order = collator.compare(actual, expected);
  if (order === 0) return null;
  return order > 0 ? 'newer' : 'older';
}
