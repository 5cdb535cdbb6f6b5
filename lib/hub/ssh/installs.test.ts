import { expect, test } from 'vitest';
import { createSshInstalls, type WantedInstall } from './installs.ts';
import type { RootScript, RootScriptEnd } from './root-scripts.ts';

interface Played {
  readonly script: RootScript;
  readonly end: (end: RootScriptEnd) => void;
}

function play() {
  const started = new Map<string, Played>();
  const settled: string[] = [];
  const reporting = new Set<string>();
  const installs = createSshInstalls({
    now: () => Date.now(),
    run: (id, script) => new Promise((end) => started.set(id, { script, end })),
  });
  const wanted = (sshHostId: string): WantedInstall => ({
    sshHostId,
    by: 'user ada',
    makeScript: async () => {
      if (sshHostId === 'no-script') throw new Error('no agent is built');
      return { text: `script of ${sshHostId}`, secret: 'gfe_secret' };
    },
    hasReported: () => reporting.has(sshHostId),
    settle: () => settled.push(sshHostId),
  });
  const of = (id: string) => installs.list().find(({ sshHostId }) => sshHostId === id);
  return { installs, started, settled, reporting, wanted, of };
}

test('tells what the script says, and is done only when the agent reports', async () => {
  const { installs, started, settled, reporting, wanted, of } = play();
  installs.begin(wanted('a'));
  await expect.poll(() => started.has('a')).toBe(true);
  expect(started.get('a')?.script.text).toBe('script of a');
  started.get('a')?.script.onLine('gpufleet: fetching node');
  expect(of('a')).toMatchObject({ state: 'running', line: 'fetching node', endedAt: null });
  started.get('a')?.script.onLine("\u001b[1mset -- --token 'gfe_secret'");
  expect(of('a')?.line).toBe("[1mset -- --token '…'");
  started.get('a')?.end({ outcome: 'exited', exitCode: 0 });
  await expect.poll(() => of('a')?.state).toBe('waiting');
  expect(settled).toEqual([]);
  reporting.add('a');
  await expect.poll(() => of('a')?.state).toBe('done');
  expect(of('a')?.endedAt).not.toBeNull();
  expect(settled).toEqual(['a']);
});

test.each([
  [{ outcome: 'exited', exitCode: 1 }, 'no useradd (the installer ended with 1)'],
  [{ outcome: 'no-root', message: 'neither root nor sudo' }, 'neither root nor sudo'],
  [{ outcome: 'cut', message: 'the connection was cut' }, 'the connection was cut'],
] as const)('says why it failed: %o', async (end, line) => {
  const { installs, started, settled, wanted, of } = play();
  installs.begin(wanted('a'));
  await expect.poll(() => started.has('a')).toBe(true);
  started.get('a')?.script.onLine('gpufleet: no useradd');
  started.get('a')?.end(end);
  await expect.poll(() => of('a')).toMatchObject({ state: 'failed', line });
  expect(settled).toEqual(['a']);
  expect(installs.isUnderWay('a')).toBe(false);
});

test('four at a time; one that cannot begin lets the next go on', async () => {
  const { installs, started, wanted, of } = play();
  for (const id of ['no-script', 'a', 'b', 'c', 'd', 'e']) installs.begin(wanted(id));
  await expect.poll(() => of('no-script')).toMatchObject({ state: 'failed', line: 'no agent is built' });
  await expect.poll(() => [...started.keys()].sort()).toEqual(['a', 'b', 'c', 'd']);
  expect(of('e')?.state).toBe('queued');
  started.get('a')?.end({ outcome: 'exited', exitCode: 3 });
  await expect.poll(() => started.has('e')).toBe(true);
  installs.begin(wanted('f'));
  installs.close();
  expect(of('f')).toMatchObject({ state: 'failed', line: expect.stringContaining('hub was stopped') });
});
