import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFleet } from '../../fleet/index.ts';
import type { StreamFrame } from '../../model/index.ts';
import { pushFixture, reportFixture } from '../../protocol/push-fixture.ts';
import { createStream, type Stream, type ViewerPort } from './stream.ts';
import { parseTopic } from './topic.ts';

const push = pushFixture();
const id = push.host.id;
let fleet: ReturnType<typeof createFleet>;
let stream: Stream;
let sequence = 0;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-23T12:00:00.000Z') });
  fleet = createFleet(Date.now());
  stream = createStream({
    fleet,
    epoch: 'epoch',
    now: () => Date.now(),
    alerts: () => ({ firing: 0, critical: 0, revision: 0 }),
  });
});
afterEach(() => {
  stream.close();
  vi.useRealTimers();
});

function report(): void {
  sequence += 1;
  const [receivedAtMillis, takenAtMillis] = [Date.now(), Date.now()];
  const { host, agent } = push;
  fleet.apply({
    host,
    agent,
    report: reportFixture({ sequence }),
    receivedAtMillis,
    takenAtMillis,
    clock: { seconds: 0, measuredSeconds: [0] },
  });
}

class Viewer implements ViewerPort {
  readonly texts: string[] = [];
  pending = 0;
  isClosed = false;
  isAllowed = true;
  readonly reader: string;
  constructor(reader = 'user admin') {
    this.reader = reader;
  }
  write(text: string) {
    this.texts.push(text);
  }
  buffered = () => this.pending;
  close() {
    this.isClosed = true;
  }
  isStillAllowed = async () => this.isAllowed;
  get events() {
    return this.texts
      .filter((text) => text.startsWith('event:'))
      .map((text) => {
        const [, event, eventId, data] = /^event: (.*)\nid: (.*)\ndata: (.*)\n\n$/.exec(text) ?? [];
        return { event, id: eventId, frame: JSON.parse(data ?? '') as StreamFrame };
      });
  }
}

describe('a viewer', () => {
  it('gets one shared delta for everything of 200 ms', () => {
    report();
    const [a, b] = [new Viewer(), new Viewer()];
    stream.open(['fleet'], null, a);
    stream.open(['fleet'], null, b);
    report();
    report();
    vi.advanceTimersByTime(200);
    expect(a.events.map(({ event }) => event)).toEqual(['snapshot', 'delta']);
    expect(a.texts.at(-1)).toBe(b.texts.at(-1));
    vi.advanceTimersByTime(1000);
    expect(a.events).toHaveLength(2);
  });

  it('is told who left', () => {
    report();
    const viewer = new Viewer();
    stream.open(['fleet', `host/${id}`], null, viewer);
    fleet.remove(id);
    vi.advanceTimersByTime(200);
    const [fleetDelta, hostDelta] = viewer.events.slice(2);
    expect(fleetDelta?.frame).toMatchObject({ hosts: [], removed: [id] });
    expect(hostDelta?.frame).toMatchObject({ event: 'delta', host: null });
  });

  it('resumes without a gap or a repeat over all of its topics', () => {
    report();
    const first = new Viewer();
    const leave = stream.open(['fleet', `host/${id}`], null, first);
    report();
    vi.advanceTimersByTime(200);
    leave();
    const last = first.events.at(-1)?.id ?? '';
    report();
    vi.advanceTimersByTime(200);
    const second = new Viewer();
    stream.open(['fleet', `host/${id}`], last, second);
    expect(second.events.map((event) => event.id)).toEqual(['epoch-3', 'epoch-4']);
  });

  it.each([
    ['another epoch', 'other-1'],
    ['a number from the future', 'epoch-99'],
    ['nonsense', '<script>'],
    ['a topic that it did not watch', 'epoch-0'],
  ])('starts anew after %s', (_, lastEventId) => {
    report();
    stream.open(['fleet'], null, new Viewer());
    report();
    vi.advanceTimersByTime(200);
    const viewer = new Viewer();
    stream.open(['fleet', `host/${id}`], lastEventId, viewer);
    expect(viewer.events.map(({ event }) => event)).toEqual(['snapshot', 'snapshot']);
  });

  it('starts anew when more was missed than is kept', () => {
    const first = new Viewer();
    const leave = stream.open(['fleet'], null, first);
    const stay = new Viewer();
    stream.open(['fleet'], null, stay);
    report();
    vi.advanceTimersByTime(200);
    leave();
    for (let i = 0; i < 400; i += 1) {
      report();
      vi.advanceTimersByTime(200);
    }
    const again = new Viewer();
    stream.open(['fleet'], first.events.at(-1)?.id ?? null, again);
    expect(again.events.map(({ event }) => event)).toEqual(['snapshot']);
  });

  it('is dropped when the network holds more than a mebibyte, and only that one', () => {
    const [slow, fast] = [new Viewer(), new Viewer()];
    stream.open(['fleet'], null, slow);
    stream.open(['fleet'], null, fast);
    slow.pending = 2 * 1024 * 1024;
    report();
    vi.advanceTimersByTime(200);
    expect([slow.isClosed, fast.isClosed, stream.viewerCount()]).toEqual([true, false, 1]);
    expect(fast.events.at(-1)?.event).toBe('delta');
  });

  it('is closed at a heartbeat once it may no longer read', async () => {
    const viewer = new Viewer();
    stream.open(['fleet'], null, viewer);
    await vi.advanceTimersByTimeAsync(10_000);
    expect([viewer.isClosed, viewer.texts.at(-1)]).toEqual([false, ':\n\n']);
    viewer.isAllowed = false;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(viewer.isClosed).toBe(true);
  });

  it('hears something every 20 s even of a fleet where nothing happens', () => {
    const viewer = new Viewer();
    stream.open(['fleet'], null, viewer);
    vi.advanceTimersByTime(21_000);
    expect(viewer.events.at(-1)).toMatchObject({ event: 'delta', frame: { hosts: [], removed: [] } });
  });
});

it('knows which hosts are watched', () => {
  const leave = stream.open([`host/${id}`], null, new Viewer());
  expect([stream.isWatched(id), stream.isWatched('other')]).toEqual([true, false]);
  leave();
  expect(stream.isWatched(id)).toBe(false);
});

it('refuses the viewer after the last', () => {
  for (let i = 0; i < 512; i += 1) stream.open(['fleet'], null, new Viewer(`user ${i % 8}`));
  expect(() => stream.open(['fleet'], null, new Viewer())).toThrow('taken');
});

it('leaves room for others when one reader opens many', () => {
  const leaves = Array.from({ length: 64 }, () => stream.open(['fleet'], null, new Viewer('token greedy')));
  const open = (reader: string) => stream.open(['fleet'], null, new Viewer(reader));
  expect(() => open('token greedy')).toThrow('64 streams');
  expect(() => open('token other')).not.toThrow();
  leaves[0]?.();
  expect(() => open('token greedy')).not.toThrow();
});

it('takes only topics that there are', () => {
  expect(['fleet', `host/${id}`, 'host/', 'host/a/b', 'hosts', 'host/..%2f'].map(parseTopic)).toEqual([
    'fleet',
    `host/${id}`,
    null,
    null,
    null,
    null,
  ]);
});
