/** Whether `text` is what `pattern` says: `*` stands for any run of characters, `?` for one. Linear in both. */
export function matchesGlob(pattern: string, text: string): boolean {
  let at = 0;
  let inPattern = 0;
  /** Where the last `*` stood, and up to where it has taken characters. */
  let star = -1;
  let taken = 0;
  while (at < text.length) {
    const letter = pattern[inPattern];
    if (letter === '*') {
      star = inPattern;
      taken = at;
      inPattern += 1;
    } else if (letter === '?' || letter === text[at]) {
      at += 1;
      inPattern += 1;
    } else if (star >= 0) {
      taken += 1;
      at = taken;
      inPattern = star + 1;
    } else return false;
  }
  while (pattern[inPattern] === '*') inPattern += 1;
  return inPattern === pattern.length;
}

export const isGlob = (pattern: string): boolean => /[*?]/.test(pattern);
