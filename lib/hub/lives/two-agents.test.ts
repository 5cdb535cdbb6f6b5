import { describe, expect, test } from 'vitest';
import type { HostSummary } from '../../model/index.ts';
import { reinstalledHosts } from './reinstalled.ts';
import { TwoAgentsWatch } from './two-agents.ts';

const seen = (process: string, hostname = 'gpu-01') => ({
  process,
  hostname,
  peer: `10.0.0.${process.length}`,
});

describe('two agents as one host', () => {
  const run = (processes: string, everyMillis = 5000) => {
    const watch = new TwoAgentsWatch();
    return [...processes]
      .map((process, at) => watch.see('h', seen(process), at * everyMillis)?.process ?? '-')
      .join('');
  };

  test.each([
    ['aaaa', '----', 'one agent'],
    ['abbbb', '-----', 'a restart'],
    ['abab', '---a', 'two that take turns'],
    ['aabbaabb', '------a-', 'two that take turns slowly'],
    ['abcdef', '------', 'an agent that restarts again and again'],
    ['abaaaa', '------', 'a late push of the process before'],
  ])('%s is told as %s: %s', (processes, told) => {
    expect(run(processes)).toBe(told);
  });

  test('turns that are far apart are restarts', () => {
    expect(run('ababab', 20 * 60_000)).toBe('------');
  });

  test('after forgetting, it begins anew', () => {
    const watch = new TwoAgentsWatch();
    for (const process of 'aba') watch.see('h', seen(process), 0);
    watch.forget('h');
    expect(watch.see('h', seen('b'), 0)).toBeNull();
  });
});

describe('a machine set up anew', () => {
  const host = (id: string, change: Partial<HostSummary>): HostSummary =>
    ({
      id,
      hostname: id,
      state: 'ok',
      lastReportAt: '2026-11-25T00:00:00.000Z',
      gpus: [],
      labels: [],
      group: 'g',
      ...change,
    }) as unknown as HostSummary;
  const gpus = (...uuids: string[]) => uuids.map((uuid) => ({ uuid })) as unknown as HostSummary['gpus'];
  const none = new Set<string>();

  test('is found by its name, whatever its capitals, and by its GPUs', () => {
    const found = reinstalledHosts(
      [
        host('old-1', { hostname: 'GPU-1', state: 'gone', gpus: gpus('a', 'b') }),
        host('new-1', { hostname: 'gpu-1', gpus: gpus('a', 'b') }),
        host('new-2', { hostname: 'other', gpus: gpus('b', 'c') }),
      ],
      none,
    );
    expect(found.map((each) => [each.newHost.id, each.hasSameName, each.sharedGpus])).toEqual([
      ['new-1', true, 2],
      ['new-2', false, 1],
    ]);
  });

  test('is none while both report, while the other never did, or when a person said so', () => {
    const old = host('old-1', { hostname: 'x', state: 'gone' });
    expect(
      reinstalledHosts([host('old-1', { hostname: 'x' }), host('new-1', { hostname: 'x' })], none),
    ).toEqual([]);
    expect(reinstalledHosts([old, host('new-1', { hostname: 'x', lastReportAt: null })], none)).toEqual([]);
    expect(reinstalledHosts([old, host('new-1', { hostname: 'x' })], new Set(['old-1 new-1']))).toEqual([]);
    expect(reinstalledHosts([old, host('new-1', { hostname: 'x' })], none)).toHaveLength(1);
  });
});
