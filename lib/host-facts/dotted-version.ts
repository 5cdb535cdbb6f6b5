/** Whether a version is `least` or newer, by its numbers; what follows them (`~rc.2`, `-1`) does not count. */
export function isVersionFrom(version: string, least: string): boolean {
  const numbers = (text: string): number[] => (/^[\d.]+/.exec(text)?.[0] ?? '').split('.').map(Number);
  const [found, wanted] = [numbers(version), numbers(least)];
  for (const [at, number] of wanted.entries()) {
    const difference = (found[at] ?? 0) - number;
    if (difference !== 0) return difference > 0;
  }
  return true;
}
