/** Most lines of one text that are read. */
const mostLines = 200_000;

export interface Line {
  readonly text: string;
  /** False for a last line without a line end: it may be cut. */
  readonly isEnded: boolean;
}

/** The lines of a text one by one, without a list of them all, which garbage would make larger than the heap. */
export function* eachLine(text: string, most = mostLines): Generator<Line, void, void> {
  let from = 0;
  for (let count = 0; from < text.length && count < most; count += 1) {
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
