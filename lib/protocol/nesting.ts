const quote = 0x22;
const backslash = 0x5c;

/** What matters of a byte outside of strings; most are 0 and looked at once. */
const Kind = { other: 0, quote: 1, comma: 2, open: 3, close: 4 } as const;
const kinds = new Uint8Array(256);
for (const [text, kind] of [
  ['"', Kind.quote],
  [',', Kind.comma],
  ['[{', Kind.open],
  [']}', Kind.close],
] as const)
  for (const byte of text) kinds[byte.charCodeAt(0)] = kind;

export interface JsonLimits {
  /** Brackets open at once. */
  readonly maxDepth: number;
  /** Values: each element, member, list and object is one. */
  readonly maxValues: number;
}

/**
 * What JSON text has too much of, or null. One pass over the bytes, before anything is built: ten million empty lists
 * are 30 KB of gzip, and seconds of parsing.
 */
export function jsonExcess(json: Uint8Array, { maxDepth, maxValues }: JsonLimits): 'depth' | 'values' | null {
  let depth = 0;
  let values = 1;
  for (let at = 0; at < json.length; at += 1) {
    switch (kinds[json[at] ?? 0]) {
      case Kind.quote:
        at = endOfString(json, at);
        break;
      case Kind.comma:
        values += 1;
        if (values > maxValues) return 'values';
        break;
      case Kind.open:
        depth += 1;
        values += 1;
        if (depth > maxDepth) return 'depth';
        if (values > maxValues) return 'values';
        break;
      case Kind.close:
        depth -= 1;
        break;
    }
  }
  return values > maxValues ? 'values' : null;
}

/** Where the string that begins at `at` ends; past the end of what is cut short. */
function endOfString(json: Uint8Array, at: number): number {
  let end = at + 1;
  while (end < json.length && json[end] !== quote) end += json[end] === backslash ? 2 : 1;
  return end;
}
