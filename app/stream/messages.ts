import type { StreamFrame } from '../../lib/model/index.ts';

export type Topic = StreamFrame['topic'];

/** `lost`: reconnecting. `signed-out`: the hub refuses this session, so retrying alone will not help. */
export type ConnectionState = 'connecting' | 'live' | 'lost' | 'signed-out';

/** What a tab tells the switchboard. */
export type TabMessage =
  | { readonly type: 'topics'; readonly topics: readonly Topic[] }
  /** Name of a Web Lock that the tab holds while it lives; null where there are none. */
  | { readonly type: 'hello'; readonly lock: string | null }
  | { readonly type: 'bye' };

/** What the switchboard tells a tab. */
export type SwitchboardMessage =
  | { readonly type: 'frame'; readonly frame: StreamFrame }
  | { readonly type: 'state'; readonly state: ConnectionState };
