import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { SshHostsView } from '../lib/model/index.ts';
import { startDebianRoot } from './integration/support/debian-root.ts';
import { patience } from './integration/support/patience.ts';
import { playedSshHost } from './integration/support/played-ssh-host.ts';
import { mustRun } from './integration/support/programs.ts';
import { makeKey, startSshServer } from './integration/support/ssh-server.ts';
import { Cleanup, temporaryFolder } from './integration/support/temporary.ts';
import { startTestHub } from './integration/support/test-hub.ts';
import { looksRight } from './support/looks.ts';
import { signIn } from './support/sign-in.ts';

const cleanup = new Cleanup();
test.afterAll(() => cleanup.run());

test('a host is added, its key compared and accepted, changed, and the agent installed on it', async ({
  browser,
}) => {
  test.setTimeout(240_000);
  const debian = await startDebianRoot(cleanup);
  test.skip(typeof debian === 'string', String(debian));
  if (typeof debian === 'string') return;
  const hub = await startTestHub(cleanup, {
    withPages: true,
    options: ['--interval', '1s', '--watched-interval', '1s'],
  });
  const login = await playedSshHost(temporaryFolder(cleanup, 'login'), debian);
  const lines = [`ForceCommand ${login}`, 'Subsystem none /bin/false'];
  const server = await startSshServer(cleanup, { lines });
  const context = await browser.newContext({ baseURL: hub.url });
  await signIn(context, hub);
  const page = await context.newPage();

  await page.goto('/hosts/ssh');
  await expect(page.getByText('No host is read over SSH')).toBeVisible();
  await page.getByLabel('New key, called').fill('gpu-hosts');
  await page.getByRole('button', { name: 'Make the key' }).click();
  const plain = page.getByTestId('authorized-plain');
  await expect(plain).toContainText('restrict ssh-ed25519');
  await expect(page.getByTestId('authorized-forced')).toContainText('gpufleet-ssh');
  const keyFile = join(server.folder, 'hub-key');
  writeFileSync(`${keyFile}.pub`, `${(await plain.textContent())?.replace(/^restrict /, '')}\n`);
  server.authorize(keyFile);

  await page.getByLabel('Address').fill('127.0.0.1');
  await page.locator('#new-user').fill(server.user);
  await page.locator('#new-port').fill(String(server.port));
  await page.getByRole('button', { name: 'Add and test' }).click();
  const sheet = page.getByTestId('ssh-host');
  const shown = (await mustRun(['ssh-keygen', '-lf', join(server.folder, 'host-key.pub')])).split(' ')[1];
  await expect(sheet.getByTestId('offered-fingerprint')).toHaveText(shown ?? 'none');
  await looksRight(page, 'a host that waits for its key');
  await page.screenshot({ path: join(process.env['SHOTS'] ?? server.folder, 'waits.png') });
  await sheet.getByRole('button', { name: 'Accept this key…' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Accept' }).click();
  await expect(sheet.getByTestId('ssh-state')).toHaveText('reading', { timeout: 30_000 * patience });
  await sheet.getByRole('button', { name: 'Test' }).click();
  await expect(sheet.locator('[data-step="nvidia-smi"]')).toContainText('1 GPU');
  await sheet.getByRole('link', { name: 'Its page' }).click();
  await expect(page.getByRole('heading', { name: hostname() })).toBeVisible();
  // Its first readings, on a machine that may have much else to do.
  await expect(page.getByText('Tesla T4').first()).toBeVisible({ timeout: 60_000 * patience });
  await expect(page.getByTestId('over-ssh')).toContainText('Read over SSH from this hub: reading');

  await server.program.stop('SIGTERM');
  // The session that stands goes with its server's restart, as after a reinstallation.
  const other = await startSshServer(cleanup, {
    port: server.port,
    hostKey: await makeKey(server.folder),
    lines,
  });
  other.authorize(keyFile);
  const { items } = await hub.getJson<SshHostsView>('/api/v1/ssh-hosts');
  await page.goto(`/hosts/ssh?ssh=${items[0]?.id}`);
  await sheet.getByText('Change how it is read').click();
  await sheet.getByRole('button', { name: 'Save and connect anew' }).click();
  await expect(sheet.getByText('This host shows another key than the one that was accepted.')).toBeVisible();
  await expect(sheet.getByTestId('accepted-fingerprint')).toHaveText(shown ?? 'none');
  await expect(sheet.getByTestId('offered-fingerprint')).not.toHaveText(shown ?? 'none');
  await looksRight(page, 'a changed key');
  await page.screenshot({ path: join(process.env['SHOTS'] ?? server.folder, 'changed.png') });
  await page.goto('/alerts');
  await expect(page.getByText('shows another SSH host key').first()).toBeVisible({
    timeout: 30_000 * patience,
  });
  await page.goto(`/hosts/ssh?ssh=${items[0]?.id}`);
  await sheet.getByRole('button', { name: 'Accept the new key…' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Accept' }).click();
  await expect(sheet.getByTestId('ssh-state')).toHaveText('reading', { timeout: 30_000 * patience });

  await sheet.getByRole('button', { name: 'Install the agent…' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Install' }).click();
  await expect(sheet.getByTestId('ssh-install')).toHaveText('Installed: the agent reports', {
    timeout: 60_000 * patience,
  });
  await expect(sheet.getByTestId('ssh-state')).toHaveText('agent reports', { timeout: 30_000 * patience });
  await sheet.getByRole('link', { name: 'Its page' }).click();
  await expect(page.getByText('Tesla T4').first()).toBeVisible({ timeout: 60_000 * patience });
  await context.close();
});
