import { randomUUID } from 'node:crypto';
import { alertmanagerBody } from '../../alerts/channels/alertmanager/payload.ts';
import { type Notice, notifiers } from '../../alerts/channels/index.ts';
import { type Alert, isToldOf } from '../../model/index.ts';
import type { ChannelRecord, StateStore } from '../../state/state-store.ts';
import type { ChannelHealthBook } from './channel-health.ts';
import { asAlert } from './records.ts';
import { sendTo } from './send-to.ts';

/** What fires has its end so many rounds ahead, so that one that fails or is late ends nothing. */
const roundsAhead = 4;
const resolvedForMillis = 15 * 60_000;
const retryMillis = 10_000;
/** Of one request; a fleet may have more. */
const mostAtOnce = 500;

export interface StandingTellerPort {
  readonly state: Pick<StateStore, 'listChannels' | 'listResolvedSince'>;
  readonly now: () => number;
  readonly hub: () => Notice['hub'];
  readonly everySeconds: number;
  readonly health: ChannelHealthBook;
  readonly log: (line: string) => void;
}

/** What fires now, as it is told. */
export interface Standing {
  /** Firing, and nothing keeps them quiet. */
  readonly firing: readonly Alert[];
  /** Another one after what fires changed: that is told at once. */
  readonly revision: number;
}

/** Tells those that have no queue (Alertmanager, a dead man's switch) again and again how things stand. */
export interface StandingTeller {
  /** Begins what is due. Resolves when it has begun. Rejects with StoreError. */
  run(standing: Standing): Promise<void>;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

interface Told {
  atMillis: number;
  revision: number;
  failed: boolean;
}

export function createStandingTeller(port: StandingTellerPort): StandingTeller {
  const told = new Map<string, Told>();
  const underWay = new Map<string, Promise<void>>();
  const stopped = new AbortController();

  function isDue(key: string, isHeartbeat: boolean, revision: number): boolean {
    const last = told.get(key);
    if (underWay.has(key)) return false;
    if (last === undefined) return true;
    if (!isHeartbeat && last.revision !== revision && !last.failed) return true;
    const wait = Math.min(port.everySeconds * 1000, last.failed ? retryMillis : Number.POSITIVE_INFINITY);
    // A clock that was set back keeps nobody waiting: what fires would end at the receiver.
    return Math.abs(port.now() - last.atMillis) >= wait;
  }

  async function bodiesOf(channel: ChannelRecord, { firing }: Standing): Promise<readonly string[]> {
    const nowMillis = port.now();
    if (channel.kind === 'heartbeat') {
      const notice = {
        id: `hbt_${randomUUID()}`,
        event: 'firing',
        cause: 'Heartbeat',
        createdAt: new Date(nowMillis).toISOString(),
        hub: port.hub(),
        alerts: firing,
        begun: [],
      } as const;
      return [notifiers.heartbeat.compose(notice, channel.options)];
    }
    const since = new Date(nowMillis - resolvedForMillis).toISOString();
    const over = (await port.state.listResolvedSince(since)).map((record) => asAlert(record, null));
    const all = [...firing, ...over.filter(({ firedAt }) => firedAt !== null)].filter(({ severity }) =>
      isToldOf(channel.options, severity),
    );
    const telling = { nowMillis, endMillis: port.everySeconds * 1000 * roundsAhead };
    const bodies: string[] = [];
    for (let from = 0; from < all.length; from += mostAtOnce)
      bodies.push(alertmanagerBody(all.slice(from, from + mostAtOnce), port.hub(), telling));
    return bodies.length === 0 ? ['[]'] : bodies;
  }

  async function tell(channel: ChannelRecord, url: string, standing: Standing): Promise<void> {
    const key = `${channel.id} ${url}`;
    const began = port.now();
    let error: string | null = null;
    for (const body of await bodiesOf(channel, standing)) {
      const message = { id: `std_${randomUUID()}`, body, sentAtSeconds: began / 1000 };
      const sent = await sendTo({ ...channel, url }, message, stopped.signal);
      if (stopped.signal.aborted) return;
      if (sent.outcome === 'delivered') continue;
      error = sent.detail;
      break;
    }
    if (error !== null && told.get(key)?.failed !== true) port.log(`channel ${channel.name}: ${error}`);
    told.set(key, { atMillis: began, revision: standing.revision, failed: error !== null });
    port.health.note(channel.id, { part: url, error, atMillis: port.now() });
  }

  return {
    async run(standing) {
      if (stopped.signal.aborted) return;
      for (const channel of await port.state.listChannels()) {
        const how = notifiers[channel.kind].told;
        if (how === 'notice') continue;
        for (const url of channel.url.split(' ')) {
          const key = `${channel.id} ${url}`;
          if (!isDue(key, how === 'heartbeat', standing.revision)) continue;
          const telling = tell(channel, url, standing)
            .catch((error: unknown) => port.log(`channel ${channel.name}: ${String(error)}`))
            .finally(() => underWay.delete(key));
          underWay.set(key, telling);
        }
      }
    },
    async settled() {
      await Promise.all(underWay.values());
    },
    async close() {
      stopped.abort();
      await Promise.all(underWay.values());
    },
  };
}
