import { mostLines } from './limits.ts';

/** Colours, titles and links of terminals: CSI, OSC and two-character sequences. */
const esc = '\u001b';
const bell = '\u0007';
const escapes = new RegExp(
  `${esc}(?:\\[[0-?]{0,64}[ -/]{0,8}[@-~]|\\][^${bell}${esc}]{0,2048}(?:${bell}|${esc}\\\\)|[@-Z\\\\^_])`,
  'g',
);

/** The text without byte-order mark, terminal escapes and carriage returns: `topo -m` underlines its head. */
export function plainText(text: string): string {
  const marked = text.startsWith('\ufeff') ? text.slice(1) : text;
  const unescaped = marked.includes('\u001b') ? marked.replace(escapes, '') : marked;
  return unescaped.includes('\r') ? unescaped.replaceAll('\r\n', '\n').replaceAll('\r', '\n') : unescaped;
}

export interface Line {
  readonly text: string;
  /** False for a last line without a line end: it may be cut. */
  readonly isEnded: boolean;
}

/** The lines of a text one by one, without a list of them all; at most `mostLines`. */
export function* eachLine(text: string): Generator<Line, void, void> {
  let from = 0;
  for (let count = 0; from < text.length && count < mostLines; count += 1) {
    const end = text.indexOf('\n', from);
    if (end < 0) {
      yield { text: text.slice(from), isEnded: false };
      return;
    }
    yield { text: text.slice(from, end), isEnded: true };
    from = end + 1;
  }
}

/** What a form says whose last line has no end: whatever stood there is not told. */
export const cutFailure = (what: string) =>
  ({ code: 'truncated', message: `the text ends early: ${what}`, gpu: null }) as const;
