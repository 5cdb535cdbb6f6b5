import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HostSummary, StreamFrame } from '../../lib/model/index.ts';
import { type Connection, createConnection, type Source } from './connection.ts';
import type { ConnectionState, SwitchboardMessage, Topic } from './messages.ts';
import { createSwitchboard } from './switchboard.ts';

const host = (id: string, hostname = id) => ({ id, hostname }) as unknown as HostSummary;
const time = '2026-01-01T00:00:00.000Z';

const snapshot = (...ids: string[]): StreamFrame => ({
  topic: 'fleet',
  event: 'snapshot',
  serverTime: time,
  alerts: { firing: 0, critical: 0, revision: 0 },
  hosts: ids.map((id) => host(id)),
});

class FakeSource implements Source {
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  isClosed = false;
  readonly #listeners = new Map<string, (event: { readonly data: string }) => void>();
  readonly url: string;
  constructor(url: string) {
    this.url = decodeURIComponent(url);
  }
  addEventListener(type: string, listener: (event: { readonly data: string }) => void): void {
    this.#listeners.set(type, listener);
  }
  send(frame: StreamFrame): void {
    this.#listeners.get(frame.event)?.({ data: JSON.stringify(frame) });
  }
  close(): void {
    this.isClosed = true;
  }
}

describe('createConnection', () => {
  let sources: FakeSource[] = [];
  let states: ConnectionState[] = [];
  let frames: StreamFrame[] = [];
  let signedOut = false;
  let connection: Connection;
  const last = () => sources.at(-1)!;
  const topics = (...names: Topic[]) => connection.setTopics(new Set(names));

  beforeEach(() => {
    vi.useFakeTimers();
    sources = [];
    states = [];
    frames = [];
    signedOut = false;
    connection = createConnection({
      open(url) {
        const source = new FakeSource(url);
        sources.push(source);
        return source;
      },
      isSignedOut: async () => signedOut,
      onFrame: (frame) => frames.push(frame),
      onState: (state) => states.push(state),
    });
  });
  afterEach(() => {
    connection.close();
    vi.useRealTimers();
  });

  it('opens one stream for topics that are asked for together', () => {
    topics('fleet');
    topics('fleet', 'host/a');
    vi.advanceTimersByTime(100);
    expect(sources.map((source) => source.url)).toEqual(['/api/v1/stream?topics=fleet,host/a']);
    last().onopen?.();
    expect(states).toEqual(['connecting', 'live']);
  });

  it('keeps the old stream until the one with a new topic is open', () => {
    topics('fleet');
    vi.advanceTimersByTime(100);
    last().onopen?.();
    topics('fleet', 'host/a');
    vi.advanceTimersByTime(100);
    const [old, fresh] = sources;
    expect(old?.isClosed).toBe(false);
    old?.send(snapshot('x'));
    expect(frames).toHaveLength(1);
    fresh?.onopen?.();
    expect(old?.isClosed).toBe(true);
  });

  it('does not reopen at once for a topic that is dropped', () => {
    topics('fleet', 'host/a');
    vi.advanceTimersByTime(100);
    last().onopen?.();
    topics('fleet');
    vi.advanceTimersByTime(5_000);
    expect(sources).toHaveLength(1);
    topics('fleet', 'host/a');
    vi.advanceTimersByTime(20_000);
    expect(sources).toHaveLength(1);
    topics('fleet');
    vi.advanceTimersByTime(11_000);
    expect(last().url).toBe('/api/v1/stream?topics=fleet');
  });

  it('closes when nobody wants anything', () => {
    topics('fleet');
    vi.advanceTimersByTime(100);
    last().onopen?.();
    topics();
    vi.advanceTimersByTime(11_000);
    expect(last().isClosed).toBe(true);
    vi.advanceTimersByTime(120_000);
    expect(sources).toHaveLength(1);
  });

  it('comes back with growing pauses, at most fifteen seconds', async () => {
    topics('fleet');
    await vi.advanceTimersByTimeAsync(100);
    const pauses: number[] = [];
    for (let attempt = 0; attempt < 8; attempt += 1) {
      last().onerror?.();
      const failedAt = Date.now();
      const count = sources.length;
      while (sources.length === count) await vi.advanceTimersByTimeAsync(50);
      pauses.push(Date.now() - failedAt);
    }
    expect(pauses[0]).toBeLessThanOrEqual(550);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(15_050);
    expect(pauses.at(-1)).toBeGreaterThan(7_000);
    expect(states.at(-1)).toBe('lost');
    last().onopen?.();
    expect(states.at(-1)).toBe('live');
  });

  it('says that the session is over when the hub refuses it', async () => {
    signedOut = true;
    topics('fleet');
    await vi.advanceTimersByTimeAsync(100);
    last().onerror?.();
    await vi.advanceTimersByTimeAsync(600);
    last().onerror?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(states.at(-1)).toBe('signed-out');
    signedOut = false;
    const count = sources.length;
    connection.retry();
    await vi.advanceTimersByTimeAsync(100);
    expect(sources).toHaveLength(count + 1);
    last().onopen?.();
    expect(states.at(-1)).toBe('live');
  });

  it('replaces a stream that has gone silent', () => {
    topics('fleet');
    vi.advanceTimersByTime(100);
    last().onopen?.();
    last().send(snapshot('x'));
    vi.advanceTimersByTime(46_000);
    expect(sources).toHaveLength(2);
  });
});

describe('createSwitchboard', () => {
  function setup() {
    let emit: (frame: StreamFrame) => void = () => {};
    let setState: (state: ConnectionState) => void = () => {};
    let retries = 0;
    const asked: string[][] = [];
    const board = createSwitchboard(({ onFrame, onState }) => {
      emit = onFrame;
      setState = onState;
      return {
        setTopics: (topics) => asked.push([...topics].sort()),
        retry: () => {
          retries += 1;
        },
        close: () => {},
      };
    });
    const join = () => {
      const received: SwitchboardMessage[] = [];
      const seat = board.join((message) => received.push(message));
      return {
        seat,
        states: () => received.flatMap((message) => (message.type === 'state' ? [message.state] : [])),
        frames: () => received.flatMap((message) => (message.type === 'frame' ? [message.frame] : [])),
      };
    };
    return {
      emit: (frame: StreamFrame) => emit(frame),
      setState: (state: ConnectionState) => setState(state),
      retries: () => retries,
      asked,
      join,
    };
  }

  it('asks for the union of what its tabs want, and for less when one leaves', () => {
    const { asked, join } = setup();
    const [first, second] = [join(), join()];
    first.seat.setTopics(['fleet']);
    second.seat.setTopics(['fleet', 'host/a']);
    second.seat.leave();
    expect(asked).toEqual([['fleet'], ['fleet', 'host/a'], ['fleet']]);
  });

  it('takes a tab that joins after a sign-out for one that signed in, and tries again', () => {
    const { setState, retries, join } = setup();
    const first = join();
    setState('signed-out');
    expect(first.states()).toEqual(['connecting', 'signed-out']);
    expect(join().states()).toEqual(['connecting']);
    expect(retries()).toBe(1);
    setState('live');
    expect(join().states()).toEqual(['live']);
    expect(retries()).toBe(1);
  });

  it('gives a tab that joins late what is known, folded into one snapshot', () => {
    const { emit, join } = setup();
    join().seat.setTopics(['fleet']);
    emit(snapshot('a', 'b'));
    emit({
      topic: 'fleet',
      event: 'delta',
      serverTime: time,
      alerts: { firing: 1, critical: 1, revision: 1 },
      hosts: [host('b', 'renamed'), host('c')],
      removed: ['a'],
    });
    const late = join();
    late.seat.setTopics(['fleet']);
    expect(late.frames()).toMatchObject([
      { event: 'snapshot', hosts: [{ id: 'b', hostname: 'renamed' }, { id: 'c' }] },
    ]);
  });

  it('sends a tab nothing that it did not ask for', () => {
    const { emit, join } = setup();
    const tab = join();
    tab.seat.setTopics(['host/a']);
    emit(snapshot('a'));
    expect(tab.frames()).toEqual([]);
  });

  it('forgets a topic that nobody watches, so that nobody is shown an old one', () => {
    const { emit, join } = setup();
    const tab = join();
    tab.seat.setTopics(['fleet']);
    emit(snapshot('a'));
    tab.seat.setTopics([]);
    const late = join();
    late.seat.setTopics(['fleet']);
    expect(late.frames()).toEqual([]);
  });
});
