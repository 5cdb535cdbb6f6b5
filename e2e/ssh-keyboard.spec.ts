import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { writePlayer } from '../agents/access/simulated/player/install.ts';
import type { SshHostsView } from '../lib/model/index.ts';
import { patience } from './integration/support/patience.ts';
import { recordedHost } from './integration/support/played-agent.ts';
import { startSshServer } from './integration/support/ssh-server.ts';
import { Cleanup, temporaryFolder } from './integration/support/temporary.ts';
import { startTestHub } from './integration/support/test-hub.ts';
import { pressOn, tabTo } from './support/keyboard.ts';
import { looksRight } from './support/looks.ts';
import { signIn } from './support/sign-in.ts';

const cleanup = new Cleanup();
test.afterAll(() => cleanup.run());

test('without a mouse: a key is made, a host added, its key accepted, tested, withdrawn, and removed again', async ({
  browser,
}) => {
  test.setTimeout(180_000 * patience);
  const folder = temporaryFolder(cleanup, 'ssh-keyboard');
  await writePlayer(join(folder, 'player'), { recording: recordedHost('rtx4090x4'), motion: false });
  const [hub, server] = await Promise.all([
    startTestHub(cleanup, { withPages: true }),
    startSshServer(cleanup, {
      lines: [`SetEnv PATH=${join(folder, 'player')}:/usr/local/bin:/usr/bin:/bin HOME=${folder}`],
    }),
  ]);
  const context = await browser.newContext({ baseURL: hub.url });
  await signIn(context, hub);
  const page = await context.newPage();
  const write = async (label: string, text: string) => {
    await tabTo(page, page.getByLabel(label, { exact: true }).first());
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type(text);
  };
  const soon = { timeout: 30_000 * patience };

  await page.goto('/hosts/ssh');
  await looksRight(page, 'no SSH host yet');
  await write('New key, called', 'lab');
  await page.keyboard.press('Enter');
  const line = page.getByTestId('authorized-plain');
  await expect(line).toContainText('restrict ssh-ed25519', soon);
  const keyFile = join(server.folder, 'hub-key');
  writeFileSync(`${keyFile}.pub`, `${(await line.textContent())?.replace(/^restrict /, '')}\n`);
  server.authorize(keyFile);

  await write('Address', '127.0.0.1');
  await write('User', server.user);
  await write('Port', String(server.port));
  await page.keyboard.press('Enter');
  const sheet = page.getByTestId('ssh-host');
  await expect(sheet.getByTestId('offered-fingerprint')).toHaveText(/^SHA256:/, soon);

  // Nothing is read yet, and the first page says what it waits for, one key press from it.
  await page.goto('/');
  const needs = page.getByRole('link', { name: /127\.0\.0\.1: an SSH host key waits/ });
  await expect(needs).toBeVisible(soon);
  await looksRight(page, 'no host reports, and one waits for its key');
  await pressOn(page, needs);
  await expect(page).toHaveURL(/\/hosts\/ssh\?ssh=/);

  await pressOn(page, sheet.getByRole('button', { name: 'Accept this key…' }));
  await pressOn(page, page.getByRole('alertdialog').getByRole('button', { name: 'Accept' }));
  await expect(sheet.getByTestId('ssh-state')).toHaveText('reading', soon);
  await pressOn(page, sheet.getByRole('button', { name: 'Test' }), 'Space');
  await expect(sheet.locator('[data-step="nvidia-smi"]')).toContainText('4 GPUs', soon);
  await looksRight(page, 'a host that is read, after its test');
  await page.keyboard.press('Escape');
  await expect(sheet).toHaveCount(0);
  // A link opened the sheet, and the button that was confirmed in it is gone: the keyboard goes on at the host's row.
  const row = page.getByRole('button', { name: `${server.user}@127.0.0.1:${server.port}` });
  await expect(row).toBeFocused(soon);
  await looksRight(page, 'SSH hosts with one that is read');

  await pressOn(page, row);
  await expect(sheet).toBeVisible(soon);
  await page.keyboard.press('Escape');
  await expect(row).toBeFocused(soon);
  await pressOn(page, row);
  await pressOn(page, sheet.getByRole('button', { name: 'Forget this key…' }));
  await looksRight(page, 'whether to forget the accepted key');
  await pressOn(page, page.getByRole('alertdialog').getByRole('button', { name: 'Forget' }));
  await expect(sheet.getByTestId('offered-fingerprint')).toHaveText(/^SHA256:/, soon);
  await expect(sheet.getByTestId('accepted-key')).toHaveCount(0);
  await pressOn(page, sheet.getByRole('button', { name: 'Remove…' }));
  await pressOn(page, page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }));
  await expect(page.getByText('No host is read over SSH')).toBeVisible(soon);
  expect((await hub.getJson<SshHostsView>('/api/v1/ssh-hosts')).items).toEqual([]);
  await context.close();
});
