import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { type OidcServer, startOidcServer } from './integration/support/oidc-server.ts';
import { patience } from './integration/support/patience.ts';
import { Cleanup, freePort, temporaryFolder } from './integration/support/temporary.ts';
import { TestHub } from './integration/support/test-hub.ts';

test.describe.configure({ mode: 'serial' });

const cleanup = new Cleanup();
let hub: TestHub;
let oidc: OidcServer;

test.beforeAll(async () => {
  const port = await freePort();
  oidc = await startOidcServer(cleanup, { redirectUris: [`http://127.0.0.1:${port}/login/oidc/callback`] });
  const options = [
    ['--oidc-issuer', oidc.issuer, '--oidc-client-id', oidc.clientId],
    ['--oidc-client-secret', oidc.clientSecret, '--oidc-name', 'Lab account'],
    ['--operator-group', 'oncall', '--viewer-group', 'staff', '--oidc-logout'],
  ].flat();
  const dataFolder = join(temporaryFolder(cleanup, 'oidc'), 'data');
  hub = new TestHub(cleanup, { withPages: true, options }, { port, dataFolder });
  await hub.start();
  oidc.people.set('ada', { name: 'ada', groups: ['oncall', 'staff'] });
  oidc.people.set('visitor', { name: 'visitor', groups: ['guests'] });
});

test.afterAll(() => cleanup.run());

test('a person signs in through the provider, with the role of their groups, where they wanted to go', async ({
  page,
}) => {
  await page.goto(`${hub.url}/login?from=%2Fhosts`);
  const findings = await new AxeBuilder({ page }).analyze();
  expect(findings.violations.map(({ id }) => id)).toEqual([]);
  await page.getByRole('link', { name: 'Sign in with Lab account' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'ada' }).click();
  await page.waitForURL(`${hub.url}/hosts`);
  await expect(page.getByRole('heading', { level: 1, name: 'Hosts' })).toBeAttached();
  await expect(page.getByTestId('stream-state')).toHaveAttribute('data-state', 'live');
  const account = await page.request.get(`${hub.url}/api/v1/account`);
  expect(await account.json()).toMatchObject({ name: 'ada', role: 'operator' });
  // Signing out ends the provider's session too, after its own question, and leads back.
  await page.getByRole('button', { name: /account and more/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.waitForURL(`${oidc.issuer}/session/end**`);
  await page.getByRole('button', { name: /sign me out/i }).click();
  await page.waitForURL(`${hub.url}/login**`);
  expect((await page.request.get(`${hub.url}/api/v1/account`)).status()).toBe(401);
});

test('a person without a role is refused in words, with the way back', async ({ page }) => {
  await page.goto(`${hub.url}/login`);
  await page.getByRole('link', { name: 'Sign in with Lab account' }).click();
  await page.getByRole('button', { name: 'visitor' }).click();
  await expect(page.getByRole('heading', { name: 'Not signed in' })).toBeVisible();
  await expect(page.getByText('visitor has no role in this hub')).toBeVisible();
  await page.getByRole('link', { name: 'Back to signing in' }).click();
  await expect(page).toHaveURL(`${hub.url}/login`);
});

test('a provider that does not answer is said on the login page, and the other ways stay', async ({
  page,
}) => {
  await oidc.stop();
  await hub.stop();
  await hub.start();
  await page.goto(`${hub.url}/login`);
  await page.getByRole('link', { name: 'Sign in with Lab account' }).click();
  await expect(page.getByTestId('provider-trouble')).toHaveText(
    'Lab account cannot be used just now: it refuses connections.',
  );
  await expect(page.getByTestId('login-command')).toBeVisible();
  const findings = await new AxeBuilder({ page }).analyze();
  expect(findings.violations.map(({ id }) => id)).toEqual([]);
  await oidc.start();
  await expect(async () => {
    await page.reload();
    await expect(page.getByTestId('provider-trouble')).toHaveCount(0, { timeout: 100 });
  }).toPass({ timeout: 20_000 * patience });
  await page.getByRole('link', { name: 'Sign in with Lab account' }).click();
  await page.getByRole('button', { name: 'ada' }).click();
  await page.waitForURL(`${hub.url}/`);
});
