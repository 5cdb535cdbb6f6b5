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
    async *[Symbol.asyncIterator]() {
      while (true) {
        const line = lines.shift();
        if (line !== undefined) {
          yield line;
        } else if (closed) {
          return;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    },
  };
}

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
    return text.endsWith('\r') ? text.slice(0, -1) : text;
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
      let from = 0;
      while (!broken) {
        const at = chunk.indexOf(10, from);
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
