import { HubError } from '../errors.ts';
import { eventText, type FrameSource, type SentFrame, Topic, type TopicName } from './topic.ts';

export const frameEveryMillis = 200;
const heartbeatEveryMillis = 10_000;
/** A session that a command beside the hub ends, or that runs out, is out of its streams this soon. */
const recheckEveryMillis = 2000;
/** A topic that nobody watches is kept this long, so that a viewer who comes back resumes. */
const keepTopicMillis = 60_000;
/** A topic without news sends a frame anyway, so that a page knows that it is still told everything. */
const quietFrameMillis = 20_000;
const maxViewers = 512;
/** Tabs of a browser share one stream, so that this is many people under one name. */
const maxViewersPerReader = 64;
const maxBufferedBytes = 1024 * 1024;

/** The other end of one stream, as the HTTP layer gives it. */
export interface ViewerPort {
  /** Who reads, the same for all streams of one person or token. */
  readonly reader: string;
  write(text: string): void;
  /** Bytes that the network has not taken yet. */
  buffered(): number;
  close(): void;
  /** Whether whoever opened it may still read. Never rejects. */
  isStillAllowed(): Promise<boolean>;
}

interface Viewer {
  readonly port: ViewerPort;
  readonly topics: ReadonlySet<TopicName>;
  /** Raised by the size of a snapshot until the network has taken it. */
  allowedBytes: number;
}

export interface Stream {
  /** Sends snapshots, or what was missed since `lastEventId`. Returns what to call when the other end left. */
  open(topics: readonly TopicName[], lastEventId: string | null, port: ViewerPort): () => void;
  isWatched(hostId: string): boolean;
  viewerCount(): number;
  /** Something about alerts changed: those who watch the fleet are told. */
  noteAlerts(): void;
  /** Asks at once whether each viewer may still read. */
  recheckViewers(): void;
  close(): void;
}

class SharedStream implements Stream {
  readonly #source: FrameSource;
  readonly #topics = new Map<TopicName, Topic>();
  readonly #unwatchedSince = new Map<TopicName, number>();
  readonly #viewers = new Set<Viewer>();
  readonly #timers: readonly NodeJS.Timeout[];
  readonly #stopListening: () => void;
  #number = 0;

  constructor(source: FrameSource) {
    this.#source = source;
    this.#stopListening = source.fleet.onChange((hostId) => {
      for (const topic of this.#topics.values()) topic.note(hostId);
    });
    this.#timers = [
      setInterval(() => this.#flush(), frameEveryMillis),
      setInterval(() => this.#send(null, ':\n\n'), heartbeatEveryMillis),
      setInterval(() => this.recheckViewers(), recheckEveryMillis),
    ];
    for (const timer of this.#timers) timer.unref();
  }

  open(names: readonly TopicName[], lastEventId: string | null, port: ViewerPort): () => void {
    if (this.#viewers.size >= maxViewers)
      throw new HubError('unavailable', `All ${maxViewers} streams are taken.`, { retryAfterSeconds: 10 });
    const own = [...this.#viewers].filter((viewer) => viewer.port.reader === port.reader).length;
    if (own >= maxViewersPerReader)
      throw new HubError('too-many-requests', `You have ${own} streams open already.`, {
        retryAfterSeconds: 10,
      });
    const viewer: Viewer = { port, topics: new Set(names), allowedBytes: maxBufferedBytes };
    port.write('retry: 2000\n\n');
    const topics = [...viewer.topics].map((name) => this.#topic(name));
    const missed = this.#missed(topics, lastEventId);
    if (missed === null) this.#sendSnapshots(viewer, topics);
    else for (const frame of missed) port.write(frame.text);
    this.#viewers.add(viewer);
    return () => this.#leave(viewer);
  }

  isWatched(hostId: string): boolean {
    const name: TopicName = `host/${hostId}`;
    return this.#topics.has(name) && !this.#unwatchedSince.has(name);
  }

  viewerCount(): number {
    return this.#viewers.size;
  }

  noteAlerts(): void {
    this.#topics.get('fleet')?.noteAlerts();
  }

  recheckViewers(): void {
    for (const viewer of this.#viewers)
      void viewer.port.isStillAllowed().then((allowed) => {
        if (!allowed) this.#drop(viewer);
      });
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#stopListening();
    for (const viewer of this.#viewers) this.#drop(viewer);
  }

  #topic(name: TopicName): Topic {
    const topic = this.#topics.get(name) ?? new Topic(name, this.#number, this.#source.now());
    this.#topics.set(name, topic);
    this.#unwatchedSince.delete(name);
    return topic;
  }

  #sendSnapshots(viewer: Viewer, topics: readonly Topic[]): void {
    for (const topic of topics) {
      const text = eventText(this.#source.epoch, this.#number, topic.snapshot(this.#source));
      viewer.allowedBytes += text.length * 2;
      viewer.port.write(text);
    }
  }

  #missed(topics: readonly Topic[], lastEventId: string | null): readonly SentFrame[] | null {
    const [epoch, count] = lastEventId?.split(/-(?=\d+$)/) ?? [];
    const number = Number(count);
    if (epoch !== this.#source.epoch || !Number.isSafeInteger(number) || number > this.#number) return null;
    const missed: SentFrame[] = [];
    for (const topic of topics) {
      const frames = topic.after(number);
      if (frames === null) return null;
      missed.push(...frames);
    }
    return missed.sort((a, b) => a.number - b.number);
  }

  #flush(): void {
    const now = this.#source.now();
    for (const [name, topic] of this.#topics) {
      const unwatched = this.#unwatchedSince.get(name);
      if (unwatched !== undefined && now - unwatched > keepTopicMillis) {
        this.#topics.delete(name);
        this.#unwatchedSince.delete(name);
      } else if (topic.isDirty || now - topic.quietSinceMillis > quietFrameMillis) {
        this.#number += 1;
        this.#send(name, topic.flush(this.#source, this.#number).text);
      }
    }
  }

  #send(name: TopicName | null, text: string): void {
    for (const viewer of this.#viewers) {
      if (name !== null && !viewer.topics.has(name)) continue;
      const buffered = viewer.port.buffered();
      if (buffered === 0) viewer.allowedBytes = maxBufferedBytes;
      if (buffered > viewer.allowedBytes) this.#drop(viewer);
      else viewer.port.write(text);
    }
  }

  #drop(viewer: Viewer): void {
    this.#leave(viewer);
    viewer.port.close();
  }

  #leave(viewer: Viewer): void {
    this.#viewers.delete(viewer);
    for (const name of viewer.topics) {
      const isWatched = [...this.#viewers].some((other) => other.topics.has(name));
      if (!isWatched) this.#unwatchedSince.set(name, this.#source.now());
    }
  }
}

export const createStream = (source: FrameSource): Stream => new SharedStream(source);
