/** A whole answer. Names of headers are in small letters; of one that comes twice the first counts. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  /** The connection can carry another request. */
  readonly isReusable: boolean;
}

/** Reads one answer as it comes. Both throw an Error with one line where it is no HTTP, or too long. */
export interface ResponseReader {
  /** The answer, once it is whole. */
  push(chunk: Buffer): HttpResponse | null;
  /** The connection ended: the answer, where its end is that; null: it was cut. */
  end(): HttpResponse | null;
}

const mostHeadBytes = 64 * 1024;
const headEnd = Buffer.from('\r\n\r\n');
const lineEnd = Buffer.from('\r\n');
const nothing: Buffer = Buffer.alloc(0);

interface Head {
  readonly status: number;
  readonly isOld: boolean;
  readonly headers: ReadonlyMap<string, string>;
}

/** HTTP/1.1 as a client that asks one thing at a time needs it (RFC 9112): by length, in chunks, or up to the end. */
export function createResponseReader(maxBodyBytes: number): ResponseReader {
  let rest = nothing;
  let head: Head | null = null;
  const parts: Buffer[] = [];
  let bytes = 0;
  /** Of the chunk that comes now; null: its size is still to come. */
  let chunkLeft: number | null = null;
  let isInTrailer = false;

  const add = (part: Buffer): void => {
    bytes += part.length;
    if (bytes > maxBodyBytes) throw new Error('its answer is too long');
    if (part.length > 0) parts.push(part);
  };
  const take = (length: number): Buffer => {
    const part = rest.subarray(0, length);
    rest = rest.subarray(length);
    return part;
  };
  const whole = ({ status, headers, isOld }: Head, isKept: boolean): HttpResponse => {
    const connection = headers.get('connection')?.toLowerCase() ?? '';
    const isOpen = isOld ? connection.includes('keep-alive') : !connection.includes('close');
    const [only] = parts;
    const body = parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
    // What came behind an answer is of nobody: such a connection is not used again.
    return { status, headers, body, isReusable: isKept && isOpen && rest.length === 0 };
  };
  const takeLine = (): string | null => {
    const at = rest.indexOf(lineEnd);
    if (at < 0 && rest.length > mostHeadBytes) throw new Error('its answer is no HTTP');
    return at < 0
      ? null
      : take(at + lineEnd.length)
          .toString('latin1')
          .trimEnd();
  };
  /** True once the last chunk, and what stands behind it, is read. */
  const readChunks = (): boolean => {
    for (;;) {
      if (chunkLeft !== null && chunkLeft > 0) {
        const part = take(chunkLeft);
        chunkLeft -= part.length;
        add(part);
        if (chunkLeft > 0) return false;
      }
      const line = takeLine();
      if (line === null) return false;
      if (isInTrailer) {
        if (line === '') return true;
      } else if (chunkLeft === 0) {
        // The end of the chunk before.
        if (line !== '') throw new Error('its answer is no HTTP');
        chunkLeft = null;
      } else {
        const size = /^([0-9a-f]{1,8})\s*(?:;.*)?$/i.exec(line)?.[1];
        if (size === undefined) throw new Error('its answer is no HTTP');
        chunkLeft = Number.parseInt(size, 16);
        isInTrailer = chunkLeft === 0;
      }
    }
  };
  const readBody = (of: Head): HttpResponse | null => {
    if (of.status === 204 || of.status === 304) return whole(of, true);
    if (isChunked(of)) return readChunks() ? whole(of, true) : null;
    const length = lengthOf(of);
    if (length === null) {
      add(take(rest.length));
      return null;
    }
    if (length > maxBodyBytes) throw new Error('its answer is too long');
    add(take(length - bytes));
    return bytes === length ? whole(of, true) : null;
  };
  const advance = (): HttpResponse | null => {
    while (head === null) {
      const at = rest.indexOf(headEnd);
      if (at > mostHeadBytes || (at < 0 && rest.length > mostHeadBytes))
        throw new Error('the head of its answer is too long');
      if (at < 0) return null;
      const read = readHead(take(at + headEnd.length).toString('latin1'));
      // 100 to 199 announce the answer.
      if (read.status >= 200) head = read;
    }
    return readBody(head);
  };
  return {
    push(chunk) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      return advance();
    },
    end: () => (head === null || isChunked(head) || lengthOf(head) !== null ? null : whole(head, false)),
  };
}

const isChunked = ({ headers }: Head): boolean =>
  /(?:^|,)\s*chunked\s*$/i.test(headers.get('transfer-encoding') ?? '');

function lengthOf({ headers }: Head): number | null {
  const told = headers.get('content-length');
  if (told === undefined || headers.has('transfer-encoding')) return null;
  if (!/^\d{1,15}$/.test(told)) throw new Error('its answer is no HTTP');
  return Number(told);
}

function readHead(text: string): Head {
  const [first = '', ...lines] = text.split('\r\n');
  const [, minor, status] = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: |$)/.exec(first) ?? [];
  if (status === undefined) throw new Error('its answer is no HTTP');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const at = line.indexOf(':');
    const name = line.slice(0, Math.max(0, at)).toLowerCase();
    if (name !== '' && !headers.has(name)) headers.set(name, line.slice(at + 1).trim());
  }
  return { status: Number(status), isOld: minor === '0', headers };
}
