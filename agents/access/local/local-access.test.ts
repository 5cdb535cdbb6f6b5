import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, test } from 'vitest';
import { createLocalAccess } from './index.ts';
import { access, alive, folder, limits, script, streamLimits } from './local-access.testing.ts';

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
