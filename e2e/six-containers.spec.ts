import { expect, type Page, test } from '@playwright/test';
import { patience } from './integration/support/patience.ts';
import { type PlayedAgent, startPlayedAgent } from './integration/support/played-agent.ts';
import { type SixContainers, startSixContainers } from './integration/support/six-containers.ts';
import { Cleanup } from './integration/support/temporary.ts';
import { startTestHub, type TestHub } from './integration/support/test-hub.ts';
import { signIn } from './support/sign-in.ts';

const cleanup = new Cleanup();
const intervalSeconds = 5;
/** Of each change. */
const threeIntervals = { timeout: 3 * intervalSeconds * 1000 * patience };
let hub: TestHub;
let six: SixContainers;
let agent: PlayedAgent;

test.beforeAll(async () => {
  [six, hub] = await Promise.all([startSixContainers(cleanup), startTestHub(cleanup, { withPages: true })]);
  agent = await startPlayedAgent(cleanup, hub, {
    name: 'six',
    dockerSocket: six.engine.socket,
    intervalSeconds,
    control: await six.control(),
    options: ['--containerd-socket', 'none', '--podman-socket', 'none'],
  });
});
test.afterAll(() => cleanup.run());

const rowOf = (page: Page, name: string) =>
  page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });

test('the open Containers page shows six real containers over two GPUs, and each change within three intervals', async ({
  browser,
}) => {
  const context = await browser.newContext();
  await signIn(context, hub);
  const page = await context.newPage();
  await page.goto(`${hub.url}/containers`);
  // Memory as nvidia-smi printed it, two processes each; shares where it printed any.
  await expect(rowOf(page, 'trainer')).toContainText('50 %', { timeout: 60_000 * patience });
  for (const [name, words] of Object.entries({
    trainer: ['11.7 GiB', 'ana'],
    notebook: ['3.42 GiB', '5 %', 'ben'],
    idle: ['given 1 GPU, not all used'],
    slice: ['4.00 GiB', 'MIG'],
    worker: ['1000 MiB', '3 %'],
    stray: ['110 MiB', '7 %'],
  }))
    for (const word of words) await expect(rowOf(page, name), name).toContainText(word);

  await six.engine.docker('rename', 'stray', 'found');
  await expect(rowOf(page, 'found')).toContainText('110 MiB', threeIntervals);
  await expect(rowOf(page, 'stray')).toHaveCount(0);

  await six.engine.docker('stop', '-t', '0', 'worker');
  await agent.player.update(await six.control());
  await expect(rowOf(page, 'worker')).toHaveCount(0, threeIntervals);

  await six.engine.docker('start', 'worker');
  await agent.player.update(await six.control());
  await expect(rowOf(page, 'worker')).toContainText('3 %', threeIntervals);
  await context.close();
});
