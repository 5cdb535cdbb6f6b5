import type { StreamFrame } from '../../lib/model/index.ts';
import type { Connection, ConnectionOptions } from './connection.ts';
import type { ConnectionState, SwitchboardMessage, Topic } from './messages.ts';
import { createTopicCache } from './topic-cache.ts';

/** One tab at the switchboard. */
export interface Seat {
  setTopics(topics: readonly Topic[]): void;
  leave(): void;
}

export interface Switchboard {
  join(send: (message: SwitchboardMessage) => void): Seat;
}

/** Shares one connection among tabs: the union of their topics goes out, each gets what it asked for. */
export function createSwitchboard(
  connect: (handlers: Pick<ConnectionOptions, 'onFrame' | 'onState'>) => Connection,
): Switchboard {
  interface Tab {
    readonly send: (message: SwitchboardMessage) => void;
    topics: ReadonlySet<Topic>;
  }
  const tabs = new Set<Tab>();
  const cache = createTopicCache();
  let state: ConnectionState = 'connecting';

  function broadcast(frame: StreamFrame): void {
    cache.apply(frame);
    for (const tab of tabs) if (tab.topics.has(frame.topic)) tab.send({ type: 'frame', frame });
  }

  const connection = connect({
    onFrame: broadcast,
    onState(next) {
      state = next;
      for (const tab of tabs) tab.send({ type: 'state', state });
    },
  });

  function retune(): void {
    const union = new Set([...tabs].flatMap((tab) => [...tab.topics]));
    cache.keepOnly(union);
    connection.setTopics(union);
  }

  return {
    join(send) {
      const tab: Tab = { send, topics: new Set() };
      tabs.add(tab);
      if (state === 'signed-out') {
        // The worker outlives the page that was taken to the login; this one comes from there.
        state = 'connecting';
        connection.retry();
      }
      send({ type: 'state', state });
      return {
        setTopics(topics) {
          const added = topics.filter((topic) => !tab.topics.has(topic));
          tab.topics = new Set(topics);
          for (const topic of added) {
            const frame = cache.snapshot(topic);
            if (frame !== null) send({ type: 'frame', frame });
          }
          retune();
        },
        leave() {
          tabs.delete(tab);
          retune();
        },
      };
    },
  };
}
