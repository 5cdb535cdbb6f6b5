import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { FetchedLines, LineStream, StreamEnd } from '../host-access.ts';
import { createChildren } from './children.ts';
import { access, alive, collect, folder, grace, script, streamLimits } from './local-access.testing.ts';
import { streamCommand } from './stream.ts';

describe('stream', () => {
  test('gives lines, a last one without end too, and the exit code', async () => {
    const stream = access().stream(
      [script("printf 'one\\r\\ntwo\\n\\nfour'; echo bad >&2; exit 3")],
      streamLimits,
    );
    expect(await collect(stream.lines)).toEqual(['one', 'two', '', 'four']);
    expect(await stream.ended).toEqual({ reason: 'exited', exitCode: 3, stderr: 'bad\n' });
  });

  const ends: [string, string, Partial<typeof streamLimits>, StreamEnd['reason']][] = [
    ['nothing printed', 'sleep 60', { startDeadlineSeconds: 0.1 }, 'start-timeout'],
    ['a silence in the middle', 'echo a; sleep 60', { sampleDeadlineSeconds: 0.1 }, 'sample-timeout'],
    [
      'half a line and a silence',
      'echo a; printf b; sleep 60',
      { sampleDeadlineSeconds: 0.1 },
      'sample-timeout',
    ],
    ['a line without end', "tr '\\0' x < /dev/zero", {}, 'line-too-long'],
    ['lines without end', 'exec yes', {}, 'too-much-output'],
  ];
  test.each(ends)('%s', async (_name, body, changed, reason) => {
    const stream = access().stream([script(body)], { ...streamLimits, ...changed });
    await collect(stream.lines);
    expect((await stream.ended).reason).toBe(reason);
  });
  test.each(ends)('where lines can wait: %s', async (_name, body, changed, reason) => {
    const stream = access().stream([script(body)], { ...streamLimits, ...changed, canWait: true });
    const fetching = setInterval(() => stream.fetch?.(), 20);
    await collect(stream.lines);
    expect((await stream.ended).reason).toBe(reason);
    clearInterval(fetching);
  });

  test('tells a program that is not there', async () => {
    const stream = access().stream(['/nonexistent/nvidia-smi'], streamLimits);
    expect(await collect(stream.lines)).toEqual([]);
    expect(await stream.ended).toMatchObject({ reason: 'not-found' });
  });

  test('stops when told to, and its grandchildren with it', async () => {
    const stream = access().stream([script('sleep 60 & echo $!; wait')], streamLimits);
    const [pid] = await firstLines(stream.lines, 1);
    await stream.stop();
    expect(await stream.ended).toMatchObject({ reason: 'stopped' });
    await expect.poll(() => alive(Number(pid))).toBe(false);
  });

  test('drops the oldest lines of a reader that does not read', async () => {
    const stream = access().stream([script('seq 1 10000')], streamLimits);
    await stream.ended;
    const lines = await collect(stream.lines);
    expect(lines).toHaveLength(4096);
    expect(lines.at(-1)).toBe('10000');
  });

  test('one that survives SIGKILL is hung, and no second starts', async () => {
    const sent: number[] = [];
    const here = access({ sendSignal: (pid) => sent.push(pid) });
    const stuck = script('echo a; exec sleep 60');
    const stream = here.stream([stuck], { ...streamLimits, sampleDeadlineSeconds: 0.05 });
    expect((await stream.ended).reason).toBe('hung');
    expect(await here.stream([stuck], streamLimits).ended).toMatchObject({ reason: 'hung' });
    process.kill(sent[0]!, 'SIGKILL');
  });

  test('one that is hung, or not there, leaves no pipe', async () => {
    const sent: number[] = [];
    const here = access({ sendSignal: (pid) => sent.push(pid) });
    const count = (): number => readdirSync('/proc/self/fd').length;
    const stuck = script('exec sleep 60');
    const unasked = { ...streamLimits, startDeadlineSeconds: 0.05, canWait: true };
    const before = count();
    expect((await here.stream([stuck], unasked).ended).reason).toBe('hung');
    for (let round = 0; round < 5; round += 1) {
      expect((await here.stream([stuck], unasked).ended).reason).toBe('hung');
      expect((await here.stream(['/nonexistent/nvidia-smi'], unasked).ended).reason).toBe('not-found');
    }
    await expect.poll(count).toBeLessThanOrEqual(before);
    process.kill(sent[0]!, 'SIGKILL');
  });
});

async function firstLines(lines: AsyncIterable<string>, count: number): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) {
    all.push(line);
    if (all.length === count) break;
  }
  return all;
}

describe('a stream whose lines can wait', () => {
  const waiting = { ...streamLimits, canWait: true };
  const fetchSome = async (stream: LineStream): Promise<FetchedLines> => {
    for (;;) {
      const fetched = stream.fetch?.();
      if (fetched === undefined) throw new Error('nothing waits here');
      if (fetched.lines.length > 0) return fetched;
      await setTimeout(10);
    }
  };

  test('gives them when asked, and the last through its lines', async () => {
    const go = join(folder, 'go');
    const body = `printf 'one\\r\\ntw'; until [ -e ${go} ]; do sleep 0.02; done; printf 'o\\nthree'; exit 3`;
    const stream = access().stream([script(body)], waiting);
    const rest = collect(stream.lines);
    expect((await fetchSome(stream)).lines).toEqual(['one']);
    expect(stream.fetch?.()).toEqual({ lines: [], ageSeconds: null });
    writeFileSync(go, '');
    expect(await stream.ended).toEqual({ reason: 'exited', exitCode: 3, stderr: '' });
    expect(await rest).toEqual(['two', 'three']);
    expect(stream.fetch?.()).toEqual({ lines: [], ageSeconds: null });
  });

  test('lives on, unasked, while it prints, and what it printed is there for who asks', async () => {
    const body = 'for i in 1 2 3 4; do echo $i; sleep 0.5; done; exec sleep 60';
    const deadlines = { startDeadlineSeconds: 1.5, sampleDeadlineSeconds: 1.5 };
    const stream = access().stream([script(body)], { ...waiting, ...deadlines });
    const all = collect(stream.lines);
    await setTimeout(1800);
    expect((await fetchSome(stream)).lines.slice(0, 3)).toEqual(['1', '2', '3']);
    // Then nothing more comes.
    expect((await stream.ended).reason).toBe('sample-timeout');
    expect((await all).length).toBeLessThan(2);
  });

  test('is watched once more comes than fits', async () => {
    const stream = access().stream([script('seq -f %0200.0f 1 2000; exec sleep 60')], waiting);
    const fetched: string[] = [];
    const watched: string[] = [];
    const reading = (async () => {
      for await (const line of stream.lines) watched.push(line);
    })();
    while (watched.length === 0) {
      fetched.push(...(stream.fetch?.().lines ?? []));
      await setTimeout(20);
    }
    await expect.poll(() => Number(watched.at(-1))).toBe(2000);
    expect([...fetched, ...watched].map(Number)).toEqual(Array.from({ length: 2000 }, (_, at) => at + 1));
    await stream.stop();
    await reading;
  });

  test('programs elsewhere, as over SSH, are given none', async () => {
    const { createPipe, ...others } = createChildren(grace);
    expect(createPipe).toBeDefined();
    const stream = streamCommand(others, [script("printf 'one\\ntwo'; exit 3")], waiting);
    expect(stream.fetch).toBeUndefined();
    expect(await collect(stream.lines)).toEqual(['one', 'two']);
    expect(await stream.ended).toMatchObject({ reason: 'exited', exitCode: 3 });
  });

  test('where no pipe can be made, they come as they do', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = folder;
    const stream = access().stream([script('echo one; exec /bin/sleep 60')], waiting);
    process.env['PATH'] = path;
    expect(stream.fetch).toBeUndefined();
    expect(await firstLines(stream.lines, 1)).toEqual(['one']);
    await stream.stop();
  });
});
