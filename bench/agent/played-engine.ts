import { createServer } from 'node:http';
import { loadRecording } from '../../agents/access/replay/recording.ts';

/** The Docker Engine API of a recorded host on a socket. */
export async function startPlayedEngine(recording: string, socketPath: string): Promise<() => Promise<void>> {
  const { docker } = await loadRecording(recording);
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0]?.replace(/^\/v\d+\.\d+(?=\/)/, '') ?? '/';
    const found = docker.get(path);
    response.writeHead(found?.status ?? 404, { 'content-type': 'application/json' });
    response.end(found?.body ?? '{}');
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return () =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
}
