import { expect, it } from 'vitest';
import type { HostAccess, RunResult } from '../access/host-access.ts';
import { createLibraryWatch } from './library-watch.ts';

/** A host with links as `readlink -f` follows them. */
function linkedHost() {
  const links = new Map<string, string>();
  let asked = 0;
  const access = {
    async run([, , ...paths]: readonly string[]): Promise<RunResult> {
      asked += paths.length;
      const stdout = paths.flatMap((path) => links.get(path) ?? []).join('\n');
      return { outcome: 'exited', exitCode: 0, stdout, stderr: '', durationSeconds: 0 };
    },
  } as Partial<HostAccess> as HostAccess;
  return { access, links, asked: () => asked };
}

const debian = '/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1';
const redHat = '/usr/lib64/libnvidia-ml.so.1';

it('looks where it was, and everywhere once it is not there', async () => {
  const { access, links, asked } = linkedHost();
  links.set(redHat, '/usr/lib64/libnvidia-ml.so.570.1.2');
  const watch = createLibraryWatch(access, () => 0);
  expect(await watch.read()).toBe('570.1.2');
  const searched = asked();
  links.set(redHat, '/usr/lib64/libnvidia-ml.so.580.1.2');
  expect(await watch.read()).toBe('580.1.2');
  expect(asked()).toBe(searched + 1);
  links.delete(redHat);
  links.set(debian, '/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.580.3');
  expect(await watch.read()).toBe('580.3');
  links.clear();
  expect(await watch.read()).toBeNull();
});

it('where there is none it looks once a minute', async () => {
  const { access, links, asked } = linkedHost();
  let now = 0;
  const watch = createLibraryWatch(access, () => now);
  expect(await watch.read()).toBeNull();
  const searched = asked();
  links.set(debian, '/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.580.3');
  now = 59;
  expect(await watch.read()).toBeNull();
  expect(asked()).toBe(searched);
  now = 60;
  expect(await watch.read()).toBe('580.3');
});
