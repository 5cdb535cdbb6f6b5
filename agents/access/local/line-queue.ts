/** Lines between a program that writes and a reader that may be slow: bounded, the oldest are dropped. */
export interface LineQueue extends AsyncIterable<string> {
  push(line: string): void;
  close(): void;
  /** Closes it, and what was not read yet is gone. */
  discard(): void;
  readonly dropped: number;
}

/** For one reader. */
export function createLineQueue(maxLines: number): LineQueue {
  const lines: string[] = [];
  let closed = false;
  let dropped = 0;
  let wake: (() => void) | null = null;
  const notify = (): void => {
    wake?.();
    wake = null;
  };
  const take = (): IteratorResult<string, undefined> | null => {
    const value = lines.shift();
    if (value !== undefined) return { value, done: false };
    return closed ? end : null;
  };
  return {
    push(line) {
      if (closed) return;
      lines.push(line);
      if (lines.length > maxLines) {
        lines.shift();
        dropped += 1;
      }
      notify();
    },
    close() {
      closed = true;
      notify();
    },
    discard() {
      closed = true;
      lines.length = 0;
      notify();
    },
    get dropped() {
      return dropped;
    },
    // Not a generator: of its three turns for each line, one is needed, and lines are most of what the agent reads.
    [Symbol.asyncIterator]: () => ({
      next() {
        const line = take();
        if (line !== null) return Promise.resolve(line);
        return new Promise((resolve) => {
          wake = () => resolve(take() ?? end);
        });
      },
    }),
  };
}

const end: IteratorResult<string, undefined> = { value: undefined, done: true };

/** Cuts a byte stream into lines without their ends (`\n` or `\r\n`); `onTooLong` once, and then nothing more. */
export function createLineSplitter(
  maxLineBytes: number,
  onLine: (line: string) => void,
  onTooLong: () => void,
): { push(chunk: Buffer): void; flush(): void } {
  let parts: Buffer[] = [];
  let bytes = 0;
  let broken = false;
  const take = (): string => {
    const text = Buffer.concat(parts).toString('utf8');
    parts = [];
    bytes = 0;
    return withoutReturn(text);
  };
  const add = (part: Buffer): void => {
    bytes += part.length;
    if (bytes <= maxLineBytes) {
      parts.push(part);
    } else if (!broken) {
      broken = true;
      parts = [];
      onTooLong();
    }
  };
  return {
    push(chunk) {
      // Whole lines, as a program that flushes prints them: read to text once, and not each by itself.
      if (bytes === 0 && !broken && chunk.length <= maxLineBytes && chunk.at(-1) === lineFeed) {
        const lines = chunk.toString('utf8').split('\n');
        for (let at = 0; at < lines.length - 1; at += 1) onLine(withoutReturn(lines[at] ?? ''));
        return;
      }
      let from = 0;
      while (!broken) {
        const at = chunk.indexOf(lineFeed, from);
        if (at < 0) break;
        add(chunk.subarray(from, at));
        if (!broken) onLine(take());
        from = at + 1;
      }
      if (!broken && from < chunk.length) add(chunk.subarray(from));
    },
    flush() {
      if (!broken && bytes > 0) onLine(take());
    },
  };
}

const lineFeed = 10;

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);
