import { connectBrowser } from './browser-connection.ts';
import type { TabMessage } from './messages.ts';
import { createSwitchboard } from './switchboard.ts';

/** The SharedWorker: one stream for all tabs of this browser, which allows six connections to an origin. */
interface SharedScope {
  onconnect: ((event: MessageEvent) => void) | null;
}

const switchboard = createSwitchboard(connectBrowser);

function serve(port: MessagePort): void {
  const seat = switchboard.join((message) => port.postMessage(message));
  port.onmessage = (event: MessageEvent<TabMessage>) => {
    const message = event.data;
    if (message.type === 'topics') seat.setTopics(message.topics);
    else if (message.type === 'bye') seat.setTopics([]);
    // A tab that crashes says no bye, but its lock is released.
    else if (message.lock !== null) void navigator.locks.request(message.lock, () => seat.leave());
  };
}

(globalThis as unknown as SharedScope).onconnect = (event) => {
  const port = event.ports[0];
  if (port !== undefined) serve(port);
};
