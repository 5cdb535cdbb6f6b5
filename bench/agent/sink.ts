import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Takes pushes as a hub would, and counts what comes over the wire. */
export interface Sink {
  readonly url: string;
  /** Bytes of bodies, as sent, by the interval that the agent was told. */
  pushedBytes(path: string): number;
  reports(path: string): number;
  close(): Promise<void>;
}

/** An agent's hub is `${url}/NAME`: each name has counts of its own, and an interval. */
export function startSink(intervals: Readonly<Record<string, number>>): Promise<Sink> {
  const bytes = new Map<string, number>();
  const counts = new Map<string, number>();
  const add = (to: Map<string, number>, name: string, value: number): void => {
    to.set(name, (to.get(name) ?? 0) + value);
  };
  const server = createServer((request, response) => {
    const name = request.url?.split('/')[1] ?? '';
    request.on('data', (chunk: Buffer) => add(bytes, name, chunk.length));
    request.on('end', () => {
      add(counts, name, 1);
      const answer = {
        accepted: 1,
        duplicates: 0,
        intervalSeconds: intervals[name] ?? 5,
        serverTime: new Date().toISOString(),
        backlogReports: 1,
      };
      response.writeHead(202, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  // As the hub's: each agent keeps its one connection.
  server.keepAliveTimeout = 75_000;
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve({
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        pushedBytes: (name) => bytes.get(name) ?? 0,
        reports: (name) => counts.get(name) ?? 0,
        close: () =>
          new Promise((done) => {
            server.closeAllConnections();
            server.close(() => done());
          }),
      }),
    );
  });
}
