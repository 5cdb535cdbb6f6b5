import type { Fleet } from '../../fleet/index.ts';
import type { AlertTally, StreamFrame } from '../../model/index.ts';

export type TopicName = 'fleet' | `host/${string}`;

/** Frames kept for viewers that come back. */
const maxKeptFrames = 300;
const maxKeptBytes = 4 * 1024 * 1024;

/** One server-sent event, serialised once for all viewers. `number` is the hub-wide count in its id. */
export interface SentFrame {
  readonly number: number;
  readonly text: string;
}

export interface FrameSource {
  readonly fleet: Fleet;
  readonly epoch: string;
  readonly now: () => number;
  readonly alerts: () => AlertTally;
}

export const eventText = (epoch: string, number: number, frame: StreamFrame): string =>
  `event: ${frame.event}\nid: ${epoch}-${number}\ndata: ${JSON.stringify(frame)}\n\n`;

/** `fleet` or `host/<id>`; null for anything else. */
export function parseTopic(text: string): TopicName | null {
  if (text === 'fleet') return text;
  return /^host\/[A-Za-z0-9._-]{1,64}$/.test(text) ? (text as TopicName) : null;
}

/** What changed for one topic since its last frame, and the frames sent lately. */
export class Topic {
  readonly name: TopicName;
  readonly #changed = new Set<string>();
  #alertsChanged = false;
  #kept: SentFrame[] = [];
  #keptBytes = 0;
  /** Frames up to here may be missing from `#kept`. */
  #completeFrom: number;
  quietSinceMillis: number;

  constructor(name: TopicName, number: number, nowMillis: number) {
    this.name = name;
    this.#completeFrom = number;
    this.quietSinceMillis = nowMillis;
  }

  note(hostId: string): void {
    if (this.name === 'fleet' || this.name === `host/${hostId}`) this.#changed.add(hostId);
  }

  noteAlerts(): void {
    if (this.name === 'fleet') this.#alertsChanged = true;
  }

  get isDirty(): boolean {
    return this.#changed.size > 0 || this.#alertsChanged;
  }

  snapshot(source: FrameSource): StreamFrame {
    const serverTime = new Date(source.now()).toISOString();
    const alerts = source.alerts();
    if (this.name === 'fleet')
      return { topic: 'fleet', event: 'snapshot', serverTime, alerts, hosts: source.fleet.summaries() };
    const host = source.fleet.detail(this.name.slice('host/'.length), source.now());
    return { topic: this.name, event: 'snapshot', serverTime, host };
  }

  /** The delta since the last call, kept for those who come back. */
  flush(source: FrameSource, number: number): SentFrame {
    const frame = { number, text: eventText(source.epoch, number, this.#delta(source)) };
    this.#changed.clear();
    this.#alertsChanged = false;
    this.quietSinceMillis = source.now();
    this.#kept.push(frame);
    this.#keptBytes += frame.text.length;
    while (this.#kept.length > maxKeptFrames || this.#keptBytes > maxKeptBytes) {
      const dropped = this.#kept.shift();
      if (dropped === undefined) break;
      this.#keptBytes -= dropped.text.length;
      this.#completeFrom = dropped.number;
    }
    return frame;
  }

  /** Frames after `number`, oldest first; null when some of them are no longer here. */
  after(number: number): readonly SentFrame[] | null {
    return number < this.#completeFrom ? null : this.#kept.filter((frame) => frame.number > number);
  }

  #delta(source: FrameSource): StreamFrame {
    if (this.name !== 'fleet') return { ...this.snapshot(source), event: 'delta' } as StreamFrame;
    const hosts = [];
    const removed = [];
    for (const id of this.#changed) {
      const summary = source.fleet.summary(id);
      if (summary === null) removed.push(id);
      else hosts.push(summary);
    }
    const serverTime = new Date(source.now()).toISOString();
    return { topic: 'fleet', event: 'delta', serverTime, alerts: source.alerts(), hosts, removed };
  }
}
