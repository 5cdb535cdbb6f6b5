import type { AlertTally, HostDetail, HostSummary, StreamFrame } from '../../lib/model/index.ts';
import type { Topic } from './messages.ts';

/** Last known content of every topic, so that a tab that joins late gets a snapshot without asking the hub. */
export interface TopicCache {
  apply(frame: StreamFrame): void;
  /** Null while the topic never had a snapshot. */
  snapshot(topic: Topic): StreamFrame | null;
  /** Drops every topic that is not in `kept`. */
  keepOnly(kept: ReadonlySet<Topic>): void;
}

export function createTopicCache(): TopicCache {
  let fleet: Map<string, HostSummary> | null = null;
  let fleetTime = '';
  let alerts: AlertTally = { firing: 0, critical: 0, revision: 0 };
  const hosts = new Map<Topic, { serverTime: string; host: HostDetail | null }>();

  function applyFleet(frame: Extract<StreamFrame, { topic: 'fleet' }>): void {
    fleetTime = frame.serverTime;
    alerts = frame.alerts;
    if (frame.event === 'snapshot') fleet = new Map();
    if (fleet === null) return;
    for (const host of frame.hosts) fleet.set(host.id, host);
    if (frame.event === 'delta') for (const id of frame.removed) fleet.delete(id);
  }

  return {
    apply(frame) {
      if (frame.topic === 'fleet') applyFleet(frame);
      else hosts.set(frame.topic, { serverTime: frame.serverTime, host: frame.host });
    },
    snapshot(topic) {
      if (topic === 'fleet')
        return fleet === null
          ? null
          : { topic, event: 'snapshot', serverTime: fleetTime, alerts, hosts: [...fleet.values()] };
      const known = hosts.get(topic);
      return known === undefined
        ? null
        : { topic, event: 'snapshot', serverTime: known.serverTime, host: known.host };
    },
    keepOnly(kept) {
      if (!kept.has('fleet')) fleet = null;
      for (const topic of hosts.keys()) if (!kept.has(topic)) hosts.delete(topic);
    },
  };
}
