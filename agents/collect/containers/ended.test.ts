import { describe, expect, test } from 'vitest';
import type { Clock } from '../clock.ts';
import { createEnded, endedListPath } from './ended.ts';
import { readEngineContainer } from './engine-container.ts';
import { deathsOf } from './events.ts';

const id = (letter: string): string => letter.repeat(64);
const startMillis = Date.parse('2026-11-20T12:00:00Z');
const at = (seconds: number): string => new Date(startMillis + seconds * 1000).toISOString();

const nvidia = {
  Config: { Image: 'cuda:12.8', Env: ['NVIDIA_VISIBLE_DEVICES=all', 'CUDA_VERSION=12.8.1'] },
  HostConfig: { Runtime: 'nvidia' },
};
const refused = (letter: string, seconds: number) => ({
  Id: id(letter),
  Name: `/refused-${letter}`,
  Created: at(seconds),
  ...nvidia,
  State: { Status: 'created', ExitCode: 128, Error: 'unsatisfied condition: cuda>=12.8' },
});
const event = (Action: string, letter: string, seconds: number, Attributes: object = {}) =>
  JSON.stringify({ Action, time: startMillis / 1000 + seconds, Actor: { ID: id(letter), Attributes } });

/** An engine whose answers are set by hand, and a clock beside it. */
function engine() {
  let seconds = 0;
  const documents = new Map<string, object>();
  const images = new Map<string, object>();
  let events: string[] | null = [];
  const asked: string[] = [];
  const clock: Clock = {
    nowMilliseconds: () => startMillis + seconds * 1000,
    monotonicSeconds: () => seconds,
  };
  const json = (value: object | undefined) =>
    value === undefined ? { status: 404, body: '{}' } : { status: 200, body: JSON.stringify(value) };
  const host = { toolkitVersion: '1.17.8', toolkitMode: null, isModeKnown: true, engineVersion: '28.0.0' };
  const read = async (document: unknown) => readEngineContainer(document, host).engine;
  const ended = createEnded({
    clock,
    read,
    async get(path) {
      asked.push(path);
      if (path.startsWith('/events')) {
        if (events === null) return { status: 403, body: '' };
        const [, since, until] = /since=([\d.]+)&until=([\d.]+)/.exec(path) ?? [];
        const within = events.filter((line) => {
          const { time } = JSON.parse(line);
          return time >= Number(since) && time <= Number(until);
        });
        return { status: 200, body: within.join('\n') };
      }
      if (path === endedListPath)
        return json(
          [...documents.values()].map((each) => {
            const { Id, State } = each as { Id: string; State: { Status: string; ExitCode: number } };
            return { Id, State: State.Status, Status: `Exited (${State.ExitCode}) 3 minutes ago` };
          }),
        );
      const image = /^\/images\/(.+)\/json$/.exec(path)?.[1];
      if (image !== undefined) return json(images.get(image));
      return json(documents.get(/^\/containers\/([0-9a-f]+)\/json$/.exec(path)?.[1] ?? ''));
    },
  });
  return {
    ended,
    read,
    documents,
    images,
    asked,
    setEvents(lines: string[] | null) {
      events = lines;
    },
    async pass(more: number, known = new Map()) {
      seconds += more;
      await ended.round(known);
      return ended.failed.map(({ name, exit }) => [name, exit.error ?? exit.reasonProblem?.slice(0, 25)]);
    },
  };
}

describe('containers that failed', () => {
  test('are found at the start, with the reason that the engine kept, and looked at once', async () => {
    const { pass, documents, ended, asked } = engine();
    documents.set(id('a'), refused('a', -100));
    documents.set(id('b'), { ...refused('b', -50), ...{ HostConfig: {}, Config: { Env: [] } } });
    expect(await pass(10)).toEqual([['refused-a', 'unsatisfied condition: cuda>=12.8']]);
    expect(ended.failed[0]).toMatchObject({
      injection: { way: 'runtime-legacy' },
      cuda: { evidence: [{ kind: 'environment', version: '12.8' }] },
      exit: { exitCode: 128, didStart: false, at: at(-100), reasonProblem: null },
    });
    await pass(70);
    await pass(70);
    expect(asked.filter((path) => path.includes('/containers/a'))).toHaveLength(1);
  });

  test('are found soon by events, leave after a day, and when they run again', async () => {
    const { pass, documents, setEvents, read } = engine();
    await pass(10);
    documents.set(id('a'), refused('a', 15));
    setEvents([event('create', 'a', 14), event('die', 'a', 15, { exitCode: '128' })]);
    expect(await pass(10)).toHaveLength(1);
    const running = await read({
      ...refused('a', 0),
      State: { Status: 'running', StartedAt: at(30) },
    });
    documents.delete(id('a'));
    expect(await pass(60, new Map([[id('a'), running]]))).toHaveLength(1);
    expect(await pass(60, new Map([[id('a'), running]]))).toHaveLength(0);
    documents.set(id('c'), refused('c', 150));
    setEvents([event('die', 'c', 150, { exitCode: '128' })]);
    expect(await pass(60)).toHaveLength(1);
    documents.delete(id('c'));
    expect(await pass(80_000)).toHaveLength(1);
    expect(await pass(10_000)).toHaveLength(0);
  });

  test('removed as they ended: the runtime kept no reason, and what they were is told by who saw them', async () => {
    const { pass, setEvents, images, read, ended } = engine();
    const lived = await read({
      ...refused('a', 0),
      Name: '/lived',
      State: { Status: 'running', StartedAt: at(5) },
    });
    await pass(10, new Map([[id('a'), lived]]));
    images.set('cuda:12.8', { Config: nvidia.Config });
    images.set('plain:1', { Config: { Env: [] } });
    setEvents([
      event('start', 'a', 5),
      event('die', 'a', 12, { exitCode: '1', name: 'lived' }),
      event('destroy', 'a', 12.1),
      event('create', 'b', 13, {}),
      event('die', 'b', 14, { exitCode: '127', name: 'never', image: 'cuda:12.8' }),
      event('destroy', 'b', 14),
      event('create', 'c', 13),
      event('die', 'c', 14, { exitCode: '127', name: 'other', image: 'plain:1' }),
      event('destroy', 'c', 14),
      event('start', 'd', 13),
      event('die', 'd', 14, { exitCode: '0', name: 'fine', image: 'cuda:12.8' }),
      event('destroy', 'd', 14),
    ]);
    const found = await pass(10);
    expect(found).toEqual([
      ['never', 'the container was removed'],
      ['lived', 'the container was removed'],
    ]);
    expect(ended.failed[0]?.exit).toMatchObject({ exitCode: 127, didStart: false, error: null });
    expect(ended.failed[0]?.injection?.way).toBeNull();
    expect(ended.failed[1]?.exit).toMatchObject({ exitCode: 1, ranSeconds: 7, didStart: true });
    expect(ended.failed[1]?.injection?.way).toBe('runtime-legacy');
  });

  test('an engine without events is asked for its list, and seldom for events', async () => {
    const { pass, setEvents, documents, asked } = engine();
    setEvents(null);
    await pass(10);
    documents.set(id('a'), refused('a', 20));
    for (let round = 0; round < 7; round += 1) await pass(10);
    expect(await pass(1)).toHaveLength(1);
    expect(asked.filter((path) => path.startsWith('/events'))).toHaveLength(1);
  });
});

test('a start that is refused has neither a start nor an end: its network is joined, and then it is removed', () => {
  const connect = (letter: string, seconds: number) =>
    JSON.stringify({
      Type: 'network',
      Action: 'connect',
      time: startMillis / 1000 + seconds,
      Actor: { ID: id('f'), Attributes: { container: id(letter), name: 'none' } },
    });
  const lines = [
    event('create', 'a', 1, { name: 'gone', image: 'cuda:12.8' }),
    connect('a', 1.1),
    event('destroy', 'a', 1.3, { name: 'gone', image: 'cuda:12.8' }),
    event('create', 'b', 2),
    event('destroy', 'b', 2.1),
    event('create', 'c', 3),
    connect('c', 3.1),
    event('start', 'c', 3.2),
    event('create', 'd', 4),
    connect('d', 4.1),
  ];
  expect(deathsOf(lines.join('\n'))).toMatchObject([
    { id: id('a'), image: 'cuda:12.8', exitCode: null, isRemoved: true, isStartKnown: true },
    { id: id('d'), isRemoved: false },
  ]);
});

test('events that are none are passed over', () => {
  const lines = ['', 'x', 'null', '{}', '{"Actor":{"ID":7},"Action":"die","time":1}', event('die', 'a', 1)];
  expect(deathsOf(lines.join('\n'))).toMatchObject([{ id: id('a'), exitCode: null, startedAtSeconds: null }]);
});
