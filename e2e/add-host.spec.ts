import { expect, test } from '@playwright/test';
import { writePlayer } from '../agents/access/simulated/player/install.ts';
import type { Page as ApiPage, HostSummary } from '../lib/model/index.ts';
import { recordedHost } from './integration/support/played-agent.ts';
import { startProgram } from './integration/support/programs.ts';
import { createSecondHost } from './integration/support/second-host.ts';
import { Cleanup, eventually, temporaryFolder } from './integration/support/temporary.ts';
import { startTestHub } from './integration/support/test-hub.ts';
import { signIn } from './support/sign-in.ts';

const cleanup = new Cleanup();
test.afterAll(() => cleanup.run());

test('the command of the empty page, run on a second host, makes that host report', async ({ browser }) => {
  const second = await createSecondHost(cleanup);
  const hub = await startTestHub(cleanup, { withPages: true, host: '0.0.0.0', tlsAuto: true });
  const origin = `https://${second.ourAddress}:${hub.port}`;
  const context = await browser.newContext({ ignoreHTTPSErrors: true, baseURL: origin });
  await signIn(context, hub, origin);
  const page = await context.newPage();
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'No host reports yet' })).toBeVisible();
  const command = (await page.getByTestId('add-host-command').textContent()) ?? '';
  expect(command).toContain(origin);

  const folder = temporaryFolder(cleanup, 'second');
  const player = await writePlayer(`${folder}/bin`, { recording: recordedHost('t4-cloud') });
  expect(player.nvidiaSmi).toBe(`${folder}/bin/nvidia-smi`);
  // Tried without a service, the script writes to its home only, which here is the second host's own; and it finds no Node.
  const onItsOwn = [
    'for node in /usr/bin/node /bin/node; do [ ! -e $node ] || mount --bind /dev/null $node; done',
    'hostname second-host',
    'exec sh -c "$1"',
  ].join('\n');
  const agent = startProgram(
    cleanup,
    [...second.prefix, 'unshare', '--mount', '--uts', 'sh', '-ec', onItsOwn, 'sh', `${command} --foreground`],
    {
      env: {
        HOME: folder,
        GPUFLEET_STATE_DIR: `${folder}/state`,
        PATH: `${folder}/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
      },
    },
  );
  const found = await eventually(
    async () => (await hub.getJson<ApiPage<HostSummary>>('/api/v1/hosts')).items.find((host) => host.current),
    { seconds: 60, what: 'the second host' },
  ).catch((error: Error) => {
    throw new Error(`${error.message}\n${agent.output()}`);
  });
  expect(found).toMatchObject({ hostname: 'second-host', state: 'ok' });
  expect(found.gpus.map((gpu) => gpu.name)).toEqual(['Tesla T4']);
  // The empty page gives way by itself.
  await expect(page.getByRole('heading', { name: 'Fleet' })).toBeVisible();
  await expect(page.getByText('1 GPU').first()).toBeVisible();
  await page.goto('/hosts');
  await expect(page.getByText('second-host').first()).toBeVisible();
  await context.close();
});
