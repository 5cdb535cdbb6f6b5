/** Colours, titles and links of terminals: CSI, OSC and two-character sequences. */
const esc = '\u001b';
const bell = '\u0007';
const escapes = new RegExp(
  `${esc}(?:\\[[0-?]{0,64}[ -/]{0,8}[@-~]|\\][^${bell}${esc}]{0,2048}(?:${bell}|${esc}\\\\)|[@-Z\\\\^_])`,
  'g',
);

const piecesAtOnce = 1024;

/** Piece by piece: replacing a million escapes at once takes ten times the text. */
function withoutEscapes(text: string): string {
  const joined: string[] = [];
  let pieces: string[] = [];
  let from = 0;
  for (const { index, 0: sequence } of text.matchAll(escapes)) {
    pieces.push(text.slice(from, index));
    from = index + sequence.length;
    if (pieces.length < piecesAtOnce) continue;
    joined.push(pieces.join(''));
    pieces = [];
  }
  return `${joined.join('')}${pieces.join('')}${text.slice(from)}`;
}

/** The text without byte-order mark, terminal escapes and carriage returns: `topo -m` underlines its head. */
export function plainText(text: string): string {
  const marked = text.startsWith('\ufeff') ? text.slice(1) : text;
  const unescaped = marked.includes(esc) ? withoutEscapes(marked) : marked;
  return unescaped.includes('\r') ? unescaped.replaceAll('\r\n', '\n').replaceAll('\r', '\n') : unescaped;
}

export { cutFailure, eachLine, type Line } from '../model/index.ts';
