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

/** Whether there is a text that both patterns take. Linear in the product of their lengths. */
export function globsMeet(a: string, b: string): boolean {
  // reachable[j]: the first part of `a` read so far and the first j letters of `b` can be the same text.
  let reachable = Array.from({ length: b.length + 1 }, (_, at) => /^\**$/.test(b.slice(0, at)));
  for (const letter of a) {
    const next = [letter === '*' && reachable[0] === true];
    for (let at = 1; at <= b.length; at += 1) {
      const other = b[at - 1];
      // A star takes nothing, or the other's letter too.
      if (letter === '*' || other === '*') next.push(reachable[at] === true || next[at - 1] === true);
      else next.push(reachable[at - 1] === true && (letter === other || letter === '?' || other === '?'));
    }
    reachable = next;
  }
  return reachable[b.length] === true;
}
