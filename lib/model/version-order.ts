/** Parts of a version: numbers and words, in their order. `~` and such words as `rc` come before nothing at all. */
const parts = (version: string): readonly string[] => version.match(/\d+|[A-Za-z]+|~/g) ?? [];
const isBefore = (part: string | undefined): boolean =>
  part !== undefined && /^(?:~|rc|alpha|beta|pre|dev)$/i.test(part);

/** Below 0 where `a` is the older: by its numbers from the left; `1.18.0-rc.1` comes before `1.18.0`. */
export function versionOrder(a: string, b: string): number {
  const [left, right] = [parts(a), parts(b)];
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const [one, other] = [left[at], right[at]];
    if (one === other) continue;
    if (isBefore(one) !== isBefore(other)) return isBefore(one) ? -1 : 1;
    if (one === undefined) return -1;
    if (other === undefined) return 1;
    const order = Number(one) - Number(other);
    if (!Number.isNaN(order) && order !== 0) return order;
    if (Number.isNaN(order)) return one < other ? -1 : 1;
  }
  return 0;
}

/** How `actual` stands to `expected`; null where neither is more than the other. */
export function compareVersions(actual: string, expected: string): 'newer' | 'older' | null {
  const order = versionOrder(actual, expected);
  if (order === 0) return null;
  return order > 0 ? 'newer' : 'older';
}
