import { type Connection, type ConnectionOptions, createConnection, type Source } from './connection.ts';

async function isSignedOut(): Promise<boolean> {
  try {
    const answer = await fetch('/api/v1/hosts?limit=1', { signal: AbortSignal.timeout(5_000) });
    return answer.status === 401 || answer.status === 403;
  } catch {
    return false;
  }
}

function openEventSource(url: string): Source {
  const events = new EventSource(url);
  const source: Source = {
    onopen: null,
    onerror: null,
    addEventListener: (type, listener) => events.addEventListener(type, listener),
    close: () => events.close(),
  };
  events.onopen = () => source.onopen?.();
  events.onerror = () => source.onerror?.();
  return source;
}

/** The connection of a real browser; runs in a SharedWorker as well as in a page. */
export function connectBrowser(handlers: Pick<ConnectionOptions, 'onFrame' | 'onState'>): Connection {
  return createConnection({ ...handlers, open: openEventSource, isSignedOut });
}
