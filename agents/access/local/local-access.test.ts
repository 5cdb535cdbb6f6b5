import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { FetchedLines, HostAccess, LineStream, StreamEnd } from '../host-access.ts';
import { createChildren } from './children.ts';
import { createLocalAccess } from './index.ts';
import { streamCommand } from './stream.ts';

const folder = mkdtempSync(join(tmpdir(), 'gpufleet-local-'));
const grace = { termSeconds: 0.1, killSeconds: 0.1 };
const opened: HostAccess[] = [];
const limits = { deadlineSeconds: 5, maxOutputBytes: 1_000_000 };
const streamLimits = { startDeadlineSeconds: 5, sampleDeadlineSeconds: 5, maxLineBytes: 1000 };

let scripts = 0;
function script(body: string): string {
  scripts += 1;
  const path = join(folder, `script-${scripts}`);
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

function access(options: Parameters<typeof createLocalAccess>[0] = {}): HostAccess {
  const made = createLocalAccess({ grace, ...options });
  opened.push(made);
  return made;
}

async function collect(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

/** A zombie is dead: a container's first process may be one that reaps nobody. */
const alive = (pid: number): boolean => {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('run', () => {
  test('tells what was printed and how it ended', async () => {
    const result = await access().run([script('echo out; echo err >&2; echo $LC_ALL; exit 9')], limits);
    expect(result).toMatchObject({ outcome: 'exited', exitCode: 9, stdout: 'out\nC\n', stderr: 'err\n' });
    expect(result.durationSeconds).toBeGreaterThan(0);
  });

  test('keeps our own token from the programs it runs', async () => {
    process.env['GPUFLEET_TOKEN'] = 'gfe_secret';
    const result = await access().run([script('env')], limits);
    delete process.env['GPUFLEET_TOKEN'];
    expect(result.stdout).toContain('PATH=');
    expect(result.stdout).not.toContain('gfe_secret');
  });

  test('tells missing from forbidden', async () => {
    const plain = join(folder, 'plain');
    writeFileSync(plain, '#!/bin/sh\n', { mode: 0o644 });
    const garbage = join(folder, 'garbage');
    writeFileSync(garbage, '\x7fELF nothing', { mode: 0o755 });
    const here = access();
    expect(await here.run([join(folder, 'absent')], limits)).toMatchObject({ outcome: 'not-found' });
    expect(await here.run([join(plain, 'below')], limits)).toMatchObject({ outcome: 'not-found' });
    expect(await here.run([plain], limits)).toMatchObject({ outcome: 'not-permitted' });
    expect((await here.run([garbage], limits)).outcome).not.toBe('not-found');
  });

  test('ends a program past its deadline with what it started', async () => {
    const result = await access().run([script('sleep 60 & echo $!; wait')], {
      ...limits,
      deadlineSeconds: 0.1,
    });
    expect(result.outcome).toBe('timeout');
    await expect.poll(() => alive(Number(result.stdout))).toBe(false);
  });

  test('kills one that ignores SIGTERM', async () => {
    const result = await access().run([script("trap '' TERM; echo started; while :; do sleep 0.05; done")], {
      ...limits,
      deadlineSeconds: 0.1,
    });
    expect(result).toMatchObject({ outcome: 'timeout', stdout: 'started\n' });
  });

  test('ends one that prints without end, keeping no more than the cap', async () => {
    const result = await access().run(['yes'], { ...limits, maxOutputBytes: 10_001 });
    expect(result.outcome).toBe('too-much-output');
    expect(result.stdout).toHaveLength(10_001);
  });

  test('is not held by a grandchild that keeps stdout', async () => {
    const result = await access().run([script('sleep 60 & echo $!')], limits);
    expect(result.outcome).toBe('exited');
    expect(result.durationSeconds).toBeLessThan(1);
    await expect.poll(() => alive(Number(result.stdout))).toBe(false);
  });

  test('gives up one that survives SIGKILL, and starts no second beside it', async () => {
    const sent: [number, NodeJS.Signals][] = [];
    const here = access({ sendSignal: (pid, signal) => sent.push([pid, signal]) });
    const stuck = script('exec sleep 60');
    const first = await here.run([stuck], { ...limits, deadlineSeconds: 0.05 });
    expect(first.outcome).toBe('hung');
    expect(sent.map(([, signal]) => signal)).toEqual(['SIGTERM', 'SIGKILL']);
    const pid = sent[0]![0];
    const second = await here.run([stuck], limits);
    expect(second).toMatchObject({ outcome: 'hung' });
    expect(second.stderr).toContain(String(pid));
    expect(await here.run([script('exit 0')], limits)).toMatchObject({ outcome: 'exited' });
    process.kill(pid, 'SIGKILL');
    await expect
      .poll(async () => (await here.run([stuck], { ...limits, deadlineSeconds: 0.01 })).stderr)
      .not.toContain(`${pid}`);
    for (const [late] of sent) if (alive(late)) process.kill(late, 'SIGKILL');
  });
});

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
    const { takesStdout, ...others } = createChildren(grace);
    expect(takesStdout).toBe(true);
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

describe('readFile', () => {
  const options = { maxBytes: 100_000, deadlineSeconds: 1 };

  test('reads /proc, whose sizes are 0', async () => {
    const result = await access().readFile('/proc/self/stat', options);
    expect(result).toMatchObject({ outcome: 'read', truncated: false });
    expect(result.outcome === 'read' && result.text.length).toBeGreaterThan(50);
  });

  test('cuts at the cap and says so', async () => {
    writeFileSync(join(folder, 'big'), 'x'.repeat(300_000));
    expect(await access({ root: folder }).readFile('/big', options)).toEqual({
      outcome: 'read',
      text: 'x'.repeat(100_000),
      truncated: true,
    });
    expect(await access().readFile('/dev/zero', options)).toMatchObject({ truncated: true });
  });

  test('tells absent from failed', async () => {
    expect(await access().readFile('/nonexistent', options)).toMatchObject({ outcome: 'absent' });
    expect(await access().readFile('/proc/self', options)).toMatchObject({ outcome: 'failed' });
  });
});

describe('listFolder', () => {
  const options = { maxEntries: 10, deadlineSeconds: 1 };

  test('lists up to its cap and says when there is more', async () => {
    const there = join(folder, 'listed');
    mkdirSync(there);
    for (let file = 0; file < 12; file += 1) writeFileSync(join(there, String(file)), '');
    const all = await access().listFolder(there, { ...options, maxEntries: 20 });
    expect(all.outcome === 'listed' && [all.names.length, all.truncated]).toEqual([12, false]);
    const some = await access().listFolder(there, options);
    expect(some.outcome === 'listed' && [some.names.length, some.truncated]).toEqual([10, true]);
  });

  test('tells absent from failed', async () => {
    expect(await access().listFolder('/nonexistent', options)).toMatchObject({ outcome: 'absent' });
    expect(await access().listFolder('/proc/self/stat', options)).toMatchObject({ outcome: 'absent' });
  });
});

describe('connect', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  test('gives a byte stream', async () => {
    const path = join(folder, 'echo.sock');
    const server = createServer((socket) => socket.pipe(socket)).listen(path);
    servers.push(server);
    const socket = await access().connect(path, { deadlineSeconds: 1 });
    socket.write('hello');
    const [chunk] = await new Promise<Buffer[]>((resolve) => socket.once('data', (data) => resolve([data])));
    expect(String(chunk)).toBe('hello');
    socket.destroy();
  });

  test('says why not', async () => {
    const plain = join(folder, 'no-socket');
    writeFileSync(plain, '');
    const here = access();
    await expect(here.connect('/nonexistent.sock', { deadlineSeconds: 1 })).rejects.toMatchObject({
      code: 'ENOENT',
    });
    await expect(here.connect(plain, { deadlineSeconds: 1 })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

test('two hundred faults leave no process, descriptor, timer or memory behind', async () => {
  const here = createLocalAccess({ grace: { termSeconds: 0.05, killSeconds: 1 } });
  const count = (): number => readdirSync('/proc/self/fd').length;
  const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const pidFile = join(folder, 'pids');
  const note = `echo $$ >> ${pidFile}`;
  const noisy = script(`${note}; echo a; sleep 60`);
  const silent = script(`${note}; sleep 60`);
  const deaf = script(`trap '' TERM; ${note}; echo a; sleep 60; sleep 60`);
  const keeper = script(`${note}; sleep 60 & echo a; exit 3`);
  const sample = { ...streamLimits, sampleDeadlineSeconds: 0.03 };
  const unasked = { ...sample, startDeadlineSeconds: 0.03, canWait: true };
  const round = (): Promise<unknown> =>
    Promise.all(
      Array.from({ length: 4 }, () => [
        here.run([silent], { ...limits, deadlineSeconds: 0.03 }),
        here.run([keeper], limits),
        here.stream([noisy], sample).ended,
        here.stream([deaf], sample).ended,
        here.stream([noisy], unasked).ended,
        here.stream([keeper], unasked).ended,
        here.connect('/nonexistent.sock', { deadlineSeconds: 1 }).catch(() => {}),
      ]).flat(),
    );
  const collectGarbage = garbageCollector();
  await round();
  collectGarbage();
  const before = { descriptors: count(), timers: timers(), bytes: process.memoryUsage().heapUsed };
  for (let rounds = 0; rounds < 10; rounds += 1) await round();
  const pids = (await here.readFile(pidFile, { maxBytes: 10_000, deadlineSeconds: 1 })) as { text: string };
  const all = pids.text.trim().split('\n');
  expect(all.length).toBeGreaterThan(100);
  await expect.poll(() => all.filter((pid) => alive(Number(pid)))).toEqual([]);
  await expect.poll(count).toBeLessThanOrEqual(before.descriptors);
  expect(timers()).toBeLessThanOrEqual(before.timers);
  expect(here.stuckPids()).toEqual([]);
  collectGarbage();
  expect(process.memoryUsage().heapUsed - before.bytes).toBeLessThan(2 * 1024 * 1024);
});

function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
