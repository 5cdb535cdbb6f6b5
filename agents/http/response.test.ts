import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { exchange, requestBytes } from './exchange.ts';
import { createResponseReader } from './response.ts';

const limit = 1_000_000;

/** What a reader makes of a text that comes in pieces cut at these places. */
function readIn(text: Buffer, cuts: readonly number[], maxBytes = limit) {
  const reader = createResponseReader(maxBytes);
  const places = [0, ...[...cuts].sort((a, b) => a - b), text.length];
  for (let at = 1; at < places.length; at += 1) {
    const answer = reader.push(text.subarray(places[at - 1], places[at]));
    if (answer !== null) return answer;
  }
  return reader.end();
}

const inChunks = (parts: readonly Uint8Array[], trailer: string): Buffer =>
  Buffer.concat([
    ...parts.flatMap((part) =>
      part.length === 0
        ? []
        : [Buffer.from(`${part.length.toString(16)};x=1\r\n`), part, Buffer.from('\r\n')],
    ),
    Buffer.from(`0\r\n${trailer}\r\n`),
  ]);

describe('an answer', () => {
  it('is the same wherever it is cut, by length, in chunks and up to the end', () => {
    const parts = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 });
    const forms = fc.constantFrom('length', 'chunks', 'end');
    const cuts = fc.array(fc.nat({ max: 400 }), { maxLength: 12 });
    fc.assert(
      fc.property(parts, forms, cuts, fc.integer({ min: 200, max: 599 }), (pieces, form, at, status) => {
        fc.pre(status !== 204 && status !== 304);
        const body = Buffer.concat(pieces);
        const head = {
          length: `content-length: ${body.length}\r\n`,
          chunks: 'Transfer-Encoding: chunked\r\n',
          end: '',
        }[form];
        const sent = Buffer.concat([
          Buffer.from(`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 ${status} Word\r\nX-Name:  a b \r\n${head}\r\n`),
          form === 'chunks' ? inChunks(pieces, 'x-last: 1\r\n') : body,
        ]);
        const answer = readIn(
          sent,
          at.map((each) => Math.min(each, sent.length)),
        );
        expect(answer).toMatchObject({ status, isReusable: form !== 'end' });
        expect(answer?.headers.get('x-name')).toBe('a b');
        expect(answer?.body.equals(body)).toBe(true);
      }),
    );
  });

  it('that is no HTTP throws one line and nothing else, whatever comes', () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'HTTP/2 200\r\n\r\n',
        'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n',
        'SSH-2.0-x\r\n\r\n',
      ),
      fc.string().map((rest) => `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${rest}`),
    );
    fc.assert(
      fc.property(text, (sent) => {
        try {
          readIn(Buffer.from(sent), []);
        } catch (error) {
          expect((error as Error).message).toMatch(/^[a-z ]+(?:HTTP|long)$/);
        }
      }),
    );
  });

  test.each([
    ['content-length: 10\r\n\r\n123', null],
    ['transfer-encoding: chunked\r\n\r\n5\r\n123', null],
    ['content-length: 3\r\nconnection: close\r\n\r\n123', { isReusable: false }],
    ['content-length: 3\r\n\r\n123HTTP/1.1 200 OK\r\n', { isReusable: false }],
    ['content-length: 3\r\n\r\n123', { isReusable: true }],
  ])('%j', (rest, expected) => {
    const answer = readIn(Buffer.from(`HTTP/1.1 200 OK\r\n${rest}`), []);
    if (expected === null) expect(answer).toBeNull();
    else expect(answer).toMatchObject(expected);
  });

  test.each([
    'content-length: 11\r\n\r\n',
    'transfer-encoding: chunked\r\n\r\nb\r\n12345678901\r\n',
    `x: ${'y'.repeat(70_000)}`,
  ])('that is too long is refused: %.40s', (rest) => {
    expect(() => readIn(Buffer.from(`HTTP/1.1 200 OK\r\n${rest}`), [], 10)).toThrow(/too long/);
  });
});

describe('a request', () => {
  test('is what a server of Node reads, and two go over one connection', async () => {
    const server = createServer(async (request, response) => {
      const body = await buffer(request);
      response.setHeader('x-seen', `${request.method} ${request.url} ${request.headers['x-one']}`);
      // Without a length Node sends chunks.
      response.write(body);
      response.end('!');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const ask = (body: Buffer | null) => {
      const headers = { host: 'a', 'x-one': 'two', 'content-length': body?.length ?? 0 };
      const method = body === null ? 'GET' : 'POST';
      return exchange(socket, requestBytes({ method, path: '/a?b=1', headers, body }), limit);
    };
    const posted = await ask(Buffer.from('hello'));
    expect([posted.headers.get('x-seen'), posted.body.toString()]).toEqual(['POST /a?b=1 two', 'hello!']);
    expect(posted.isReusable).toBe(true);
    const got = await ask(null);
    expect([got.headers.get('x-seen'), got.body.toString()]).toEqual(['GET /a?b=1 two', '!']);
    const cut = ask(null);
    socket.destroy(new Error('given up'));
    await expect(cut).rejects.toThrow('given up');
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test.each([
    ['/a b', 'c'],
    ['/a\r\nx: y', 'c'],
    ['/a', 'c\r\nd: e'],
    ['/a', 'č'],
  ])('path %j and value %j cannot be sent', (path, value) => {
    expect(() => requestBytes({ method: 'GET', path, headers: { x: value }, body: null })).toThrow(TypeError);
  });
});
