import type { Duplex } from 'node:stream';
import { createResponseReader, type HttpResponse } from './response.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Host and length too. */
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: Buffer | null;
}

/** What would end a line, or a path, and begin something else. */
const unfitPath = /[^\u0021-\u00ff]/;
const unfitValue = /[^\t\u0020-\u00ff]|\u007f/;

/** Throws a TypeError where a path or header holds what cannot be sent. */
export function requestBytes({ method, path, headers, body }: HttpRequest): Buffer {
  if (unfitPath.test(path)) throw new TypeError('the path holds characters that it must not');
  let lines = `${method} ${path} HTTP/1.1\r\n`;
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (unfitValue.test(String(value))) throw new TypeError(`${name} holds characters that it must not`);
    lines += `${name}: ${value}\r\n`;
  }
  const head = Buffer.from(`${lines}\r\n`, 'latin1');
  return body === null ? head : Buffer.concat([head, body]);
}

/**
 * Sends one request and reads its answer: a small part of what node:http does, for the agent asks so often that the rest
 * of it costs more than all that is asked for. No deadline: destroy the socket with an error, and it rejects with that.
 */
export function exchange(socket: Duplex, request: Buffer, maxBodyBytes: number): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const reader = createResponseReader(maxBodyBytes);
    const settle = (work: () => void): void => {
      socket.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose);
      work();
    };
    const onError = (error: Error): void => settle(() => reject(error));
    const onClose = (): void =>
      onError(Object.assign(new Error('the connection ended before the answer'), { code: 'ECONNRESET' }));
    const read = (work: () => HttpResponse | null): HttpResponse | null => {
      try {
        const answer = work();
        // One that came before all was sent leaves the rest of the request on its way.
        const isReusable = answer?.isReusable === true && socket.writableLength === 0;
        if (answer !== null) settle(() => resolve({ ...answer, isReusable }));
        return answer;
      } catch (error) {
        onError(error as Error);
        socket.destroy();
        return null;
      }
    };
    const onData = (chunk: Buffer): void => void read(() => reader.push(chunk));
    const onEnd = (): void => void (read(() => reader.end()) ?? onClose());
    socket.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose);
    socket.write(request);
  });
}
