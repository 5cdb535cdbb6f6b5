import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HubContext } from '../context.ts';
import { securityHeaders } from './security-headers.ts';

const statusByCode: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** Answers what is no request at all, which Node would answer without our headers. */
export const clientErrorListener =
  (context: HubContext) =>
  (error: NodeJS.ErrnoException, socket: Duplex): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const status = statusByCode[error.code ?? ''] ?? 400;
    const headers = { ...securityHeaders(context), 'cache-control': 'no-store', 'content-length': '0' };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, 'connection: close'];
    socket.end(`${head.join('\r\n')}\r\n\r\n`, () => socket.destroy());
  };
