import type { AlertTally, HostDetail, HostSummary, StreamFrame } from '../../lib/model/index.ts';
import { connectBrowser } from './browser-connection.ts';
import type { ConnectionState, SwitchboardMessage, TabMessage, Topic } from './messages.ts';
import { createSwitchboard } from './switchboard.ts';

/** What this tab knows from the stream. Replaced as a whole on every change, so that selectors can compare. */
export interface LiveState {
  readonly connection: ConnectionState;
  /** Client clock, milliseconds; null before the first frame. */
  readonly lastFrameAt: number | null;
  /** Hub clock minus this browser's. */
  readonly clockOffsetMilliseconds: number | null;
  /** By hostname; null before the first snapshot. */
  readonly hosts: readonly HostSummary[] | null;
  /** Null before the first snapshot. */
  readonly alerts: AlertTally | null;
  readonly details: ReadonlyMap<string, HostDetail | null>;
}

const hiddenReleaseMilliseconds = 60_000;
const byName = new Intl.Collator('en', { numeric: true });

let state: LiveState = {
  connection: 'connecting',
  lastFrameAt: null,
  clockOffsetMilliseconds: null,
  hosts: null,
  alerts: null,
  details: new Map(),
};
const listeners = new Set<() => void>();
const wanted = new Map<Topic, number>();
let tell: ((message: TabMessage) => void) | null = null;
let hidden = false;

function update(change: Partial<LiveState>): void {
  state = { ...state, ...change };
  for (const listener of listeners) listener();
}

export function sortHosts(hosts: readonly HostSummary[]): readonly HostSummary[] {
  return [...hosts].sort((a, b) => byName.compare(a.hostname, b.hostname) || a.id.localeCompare(b.id));
}

function mergeFleet(frame: Extract<StreamFrame, { topic: 'fleet' }>): readonly HostSummary[] | null {
  if (frame.event === 'snapshot') return sortHosts(frame.hosts);
  if (state.hosts === null) return null;
  const changed = new Map(frame.hosts.map((host) => [host.id, host]));
  const removed = new Set(frame.removed);
  const kept = state.hosts
    .filter((host) => !removed.has(host.id))
    .map((host) => changed.get(host.id) ?? host);
  const known = new Set(kept.map((host) => host.id));
  const added = frame.hosts.filter((host) => !known.has(host.id));
  return added.length === 0 ? kept : sortHosts([...kept, ...added]);
}

function receiveFrame(frame: StreamFrame): void {
  const now = Date.now();
  const clock = { lastFrameAt: now, clockOffsetMilliseconds: Date.parse(frame.serverTime) - now };
  if (frame.topic === 'fleet') {
    // The same object while nothing changed, so that who looks only at alerts is left alone.
    const alerts = state.alerts?.revision === frame.alerts.revision ? state.alerts : frame.alerts;
    update({ ...clock, hosts: mergeFleet(frame), alerts });
    return;
  }
  const details = new Map(state.details);
  details.set(frame.topic.slice('host/'.length), frame.host);
  update({ ...clock, details });
}

function receive(message: SwitchboardMessage): void {
  if (message.type === 'frame') receiveFrame(message.frame);
  else if (message.state !== state.connection) update({ connection: message.state });
}

function joinInPage(): (message: TabMessage) => void {
  const seat = createSwitchboard(connectBrowser).join(receive);
  return (message) => {
    if (message.type === 'topics') seat.setTopics(message.topics);
    else if (message.type === 'bye') seat.setTopics([]);
  };
}

/** Holds a lock for the life of this tab, and then says hello with its name: the worker sees a crash by getting it. */
function sayHello(port: MessagePort): void {
  const hello = (lock: string | null) => port.postMessage({ type: 'hello', lock } satisfies TabMessage);
  if (navigator.locks === undefined) {
    hello(null);
    return;
  }
  const name = `gpufleet-tab-${Math.random().toString(36).slice(2)}`;
  // Said only once it is held: a worker that asked first would get it, and take this tab for a crashed one.
  void navigator.locks.request(name, () => {
    hello(name);
    return new Promise<never>(() => {});
  });
}

function joinWorker(): (message: TabMessage) => void {
  const worker = new SharedWorker(new URL('./worker.ts', import.meta.url), { name: 'gpufleet-stream' });
  let fallback: ((message: TabMessage) => void) | null = null;
  worker.onerror = () => {
    fallback ??= joinInPage();
    sendTopics();
  };
  worker.port.onmessage = (event: MessageEvent<SwitchboardMessage>) => receive(event.data);
  sayHello(worker.port);
  return (message) => (fallback === null ? worker.port.postMessage(message) : fallback(message));
}

function sendTopics(): void {
  const topics = [...wanted.keys()].filter((topic) => !hidden || topic === 'fleet');
  tell?.({ type: 'topics', topics });
}

function watchVisibility(): void {
  let timer: ReturnType<typeof setTimeout> | null = null;
  document.addEventListener('visibilitychange', () => {
    if (timer !== null) clearTimeout(timer);
    const setHidden = (value: boolean) => {
      if (hidden === value) return;
      hidden = value;
      sendTopics();
    };
    if (document.visibilityState === 'visible') setHidden(false);
    else timer = setTimeout(() => setHidden(true), hiddenReleaseMilliseconds);
  });
  addEventListener('pagehide', () => tell?.({ type: 'bye' }));
  addEventListener('pageshow', (event) => {
    if (event.persisted) sendTopics();
  });
}

function start(): void {
  if (tell !== null) return;
  tell = typeof SharedWorker === 'undefined' ? joinInPage() : joinWorker();
  watchVisibility();
}

/** Asks for a topic until the returned function is called. Several askers share it. */
export function subscribeTopic(topic: Topic): () => void {
  start();
  wanted.set(topic, (wanted.get(topic) ?? 0) + 1);
  sendTopics();
  return () => {
    const left = (wanted.get(topic) ?? 1) - 1;
    if (left > 0) wanted.set(topic, left);
    else wanted.delete(topic);
    sendTopics();
  };
}

export function subscribeState(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function readState(): LiveState {
  return state;
}
