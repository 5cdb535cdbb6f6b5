import type { StreamFrame } from '../../lib/model/index.ts';
import type { ConnectionState, Topic } from './messages.ts';

/** The part of EventSource that is used. */
export interface Source {
  onopen: (() => void) | null;
  onerror: (() => void) | null;
  addEventListener(type: 'snapshot' | 'delta', listener: (event: { readonly data: string }) => void): void;
  close(): void;
}

export interface ConnectionOptions {
  /** Opens the stream; `new EventSource(url)` in a browser. */
  readonly open: (url: string) => Source;
  /** True when the hub answers but refuses this session. Never rejects. */
  readonly isSignedOut: () => Promise<boolean>;
  readonly onFrame: (frame: StreamFrame) => void;
  readonly onState: (state: ConnectionState) => void;
}

export interface Connection {
  /** The wanted topics: a new one reopens the stream at once, a dropped one after a while. */
  setTopics(topics: ReadonlySet<Topic>): void;
  /** Forgets earlier failures and tries again at once: someone came who may have signed in meanwhile. */
  retry(): void;
  close(): void;
}

const firstRetryMilliseconds = 500;
const longestRetryMilliseconds = 15_000;
const joinMilliseconds = 30;
/** The hub takes no more on one stream; `fleet` sorts before every host. */
const mostTopics = 64;
/** A page that is left and come back to should not cost a new snapshot. */
const shrinkMilliseconds = 10_000;
/** Reports come every few seconds; a stream silent for so long may hang on a dead TCP connection. */
const silenceMilliseconds = 45_000;

function urlOf(topics: ReadonlySet<Topic>): string {
  const few = [...topics].sort().slice(0, mostTopics);
  return `/api/v1/stream?topics=${few.map(encodeURIComponent).join(',')}`;
}

function covers(have: ReadonlySet<Topic>, want: ReadonlySet<Topic>): boolean {
  return [...want].every((topic) => have.has(topic));
}

/** One stream for all topics, reopened with back-off when it breaks and replaced without a gap when topics change. */
export function createConnection(options: ConnectionOptions): Connection {
  let wanted: ReadonlySet<Topic> = new Set();
  let open: { source: Source; topics: ReadonlySet<Topic> } | null = null;
  let replaced: Source | null = null;
  let failures = 0;
  let reopening: ReturnType<typeof setTimeout> | null = null;
  let watchdog: ReturnType<typeof setTimeout> | null = null;

  function closeAll(): void {
    if (reopening !== null) clearTimeout(reopening);
    if (watchdog !== null) clearTimeout(watchdog);
    reopening = null;
    watchdog = null;
    replaced?.close();
    open?.source.close();
    replaced = null;
    open = null;
  }

  function reopenIn(milliseconds: number): void {
    if (reopening !== null) clearTimeout(reopening);
    reopening = setTimeout(reopen, milliseconds);
  }

  function watchSilence(): void {
    if (watchdog !== null) clearTimeout(watchdog);
    watchdog = setTimeout(reopen, silenceMilliseconds);
  }

  async function failed(): Promise<void> {
    closeAll();
    failures += 1;
    const backOff = Math.min(
      longestRetryMilliseconds,
      firstRetryMilliseconds * 2 ** Math.min(failures - 1, 10),
    );
    reopenIn(backOff * (0.5 + Math.random() / 2));
    options.onState('lost');
    if (failures > 1 && (await options.isSignedOut()) && open === null) options.onState('signed-out');
  }

  function reopen(): void {
    reopening = null;
    if (wanted.size === 0) {
      closeAll();
      return;
    }
    if (failures === 0 && open === null) options.onState('connecting');
    const topics = wanted;
    const source = options.open(urlOf(topics));
    replaced?.close();
    replaced = open?.source ?? null;
    open = { source, topics };
    listen(source);
    watchSilence();
  }

  function listen(source: Source): void {
    const isCurrent = () => open?.source === source;
    source.onopen = () => {
      if (!isCurrent()) return;
      failures = 0;
      replaced?.close();
      replaced = null;
      options.onState('live');
    };
    source.onerror = () => {
      if (isCurrent()) void failed();
    };
    const receive = (event: { readonly data: string }) => {
      if (!isCurrent() && source !== replaced) return;
      if (isCurrent()) watchSilence();
      options.onFrame(JSON.parse(event.data) as StreamFrame);
    };
    source.addEventListener('snapshot', receive);
    source.addEventListener('delta', receive);
  }

  return {
    setTopics(topics) {
      wanted = topics;
      if (open === null) {
        if (topics.size > 0 && reopening === null) reopenIn(joinMilliseconds);
      } else if (!covers(open.topics, topics)) reopenIn(joinMilliseconds);
      else if (topics.size < open.topics.size) reopenIn(shrinkMilliseconds);
      else if (reopening !== null) {
        clearTimeout(reopening);
        reopening = null;
      }
    },
    retry() {
      failures = 0;
      if (open === null && reopening !== null) reopenIn(joinMilliseconds);
    },
    close: closeAll,
  };
}
