import { readFileSync } from 'node:fs';
import { type Browser, type BrowserContext, expect, test } from '@playwright/test';
import type { SessionView } from '../lib/hub/people-views.ts';
import { patience } from './integration/support/patience.ts';
import { ask, goodPassword, join } from './integration/support/person.ts';
import { enroll } from './integration/support/pusher.ts';
import { Cleanup } from './integration/support/temporary.ts';
import { startTestHub, type TestHub } from './integration/support/test-hub.ts';
import { looksRight } from './support/looks.ts';
import { signIn } from './support/sign-in.ts';

test.describe.configure({ mode: 'serial' });

const cleanup = new Cleanup();
let hub: TestHub;
let admin: BrowserContext;
let viewer: BrowserContext;

/** The session of a context, as the API takes it. */
async function cookieOf(context: BrowserContext): Promise<string> {
  const cookie = (await context.cookies()).find(({ name }) => name === 'gpufleet_session');
  return `gpufleet_session=${cookie?.value}`;
}

/** How the sessions of someone began. */
async function sessionsOf(name: string): Promise<string[]> {
  const answer = await ask(hub, 'GET', '/api/v1/sessions?of=everyone', { cookie: await cookieOf(admin) });
  const { items } = JSON.parse(answer.body) as { items: SessionView[] };
  return items.filter(({ userName }) => userName === name).map(({ how }) => how);
}

async function contextOf(browser: Browser, cookie: string): Promise<BrowserContext> {
  const context = await browser.newContext({ baseURL: hub.url });
  const [name = '', value = ''] = cookie.split('=');
  await context.addCookies([{ name, value, url: hub.url }]);
  return context;
}

test.beforeAll(async ({ browser }) => {
  hub = await startTestHub(cleanup, { withPages: true });
  await enroll(hub.url, await hub.enrollmentToken(), 'some-host');
  admin = await browser.newContext({ baseURL: hub.url });
  viewer = await browser.newContext({ baseURL: hub.url });
});

test.afterAll(async () => {
  await admin.close();
  await viewer.close();
  await cleanup.run();
});

test('the first login is by the one-time link, and sets a password', async () => {
  const page = await admin.newPage();
  await page.goto('/hosts?q=x');
  await expect(page).toHaveURL(`${hub.url}/login?from=%2Fhosts%3Fq%3Dx`);
  await expect(page.getByTestId('login-command')).toBeVisible();
  await expect(page.getByLabel('Password'), 'nobody has one yet').toHaveCount(0);
  await signIn(admin, hub);
  await page.goto('/account');
  await page.getByLabel('Password', { exact: true }).fill(goodPassword);
  await page.getByLabel('The same again').fill('something else');
  await page.getByRole('button', { name: 'Set password' }).click();
  await expect(page.getByText('The two passwords differ.')).toBeVisible();
  await page.getByLabel('The same again').fill(goodPassword);
  await page.getByRole('button', { name: 'Set password' }).click();
  await expect(page.getByText('The password is set.')).toBeVisible();
  await page.close();
});

test('an administrator invites a viewer, who joins in another browser', async () => {
  const page = await admin.newPage();
  await page.goto('/');
  await page.getByRole('button', { name: /account and more/ }).click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  await page.getByLabel('Name (optional)').fill('vera');
  await page.getByRole('button', { name: 'Make an invitation' }).click();
  const link = (await page.getByTestId('shown-once').textContent()) ?? '';
  expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/invite\/gfi_/);
  await expect(page.getByRole('table', { name: 'Open invitations' })).toContainText('vera');

  const other = await viewer.newPage();
  await other.goto(link);
  await expect(other.getByRole('heading', { name: 'Join this hub' })).toBeVisible();
  await expect(other.getByLabel('Name')).toHaveValue('vera');
  await other.getByLabel('Password', { exact: true }).fill('vera vera vera');
  await other.getByLabel('Password again').fill('vera vera vera');
  await other.getByRole('button', { name: 'Join and sign in' }).click();
  await expect(other.getByText('A password is not the user’s own name.').first()).toBeVisible();
  await other.getByLabel('Password', { exact: true }).fill(goodPassword);
  await other.getByLabel('Password again').fill(goodPassword);
  await other.getByRole('button', { name: 'Join and sign in' }).click();
  await expect(other.getByRole('heading', { name: 'Fleet' })).toBeVisible();
  await other.goto(link);
  await expect(other.getByText(/It was used on/)).toBeVisible();
  await other.getByRole('button', { name: /account and more/ }).click();
  await other.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(other.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  expect(await sessionsOf('vera'), 'ended on the hub, not only forgotten by the browser').toEqual([]);
  await other.getByLabel('Name').fill('vera');
  await other.getByLabel('Password', { exact: true }).fill(goodPassword);
  await other.getByRole('button', { name: 'Sign in' }).click();
  await expect(other.getByRole('heading', { name: 'Fleet' })).toBeVisible();
  await other.close();
  await page.reload();
  await expect(page.getByLabel('Role of vera')).toHaveValue('viewer');
  await page.close();
});

test('a viewer sees the fleet and cannot change it', async () => {
  const page = await viewer.newPage();
  await page.goto('/hosts');
  await expect(page.getByText('some-host').first()).toBeVisible();
  await expect(page.getByRole('link', { name: 'Add host' })).toHaveCount(0);
  await page.getByRole('link', { name: 'some-host' }).first().click();
  await expect(page.getByRole('heading', { level: 1, name: 'some-host' })).toBeVisible();
  await expect(page.getByRole('button', { name: /Remove/ })).toHaveCount(0);
  const path = new URL(page.url()).pathname;
  await page.getByRole('button', { name: /account and more/ }).click();
  await expect(page.getByRole('menuitem')).toHaveText(['Account', 'Sign out']);
  await page.keyboard.press('Escape');
  await page.keyboard.press('/');
  await page.getByRole('dialog').getByRole('combobox').fill('settings');
  await expect(page.getByRole('option', { name: /Settings/ })).toHaveCount(0);
  await page.keyboard.press('Escape');
  for (const key of ['s', 'n']) {
    await page.keyboard.press('g');
    await page.keyboard.press(key);
  }
  await expect(page).toHaveURL(`${hub.url}${path}`);
  await page.goto('/settings?tab=tokens');
  await expect(page.getByText('Only administrators see the settings')).toBeVisible();
  await page.goto('/hosts/add');
  await expect(page.getByText('needs an administrator')).toBeVisible();
  const changes = [
    ['DELETE', `/api/v1${path}`],
    ['GET', '/api/v1/users'],
    ['POST', '/api/v1/invitations'],
    ['POST', '/api/v1/tokens'],
    ['GET', '/api/v1/audit'],
    ['GET', '/api/v1/sessions?of=everyone'],
  ] as const;
  for (const [method, address] of changes) {
    const status = await page.evaluate(async ([how, where]) => (await fetch(where, { method: how })).status, [
      method,
      address,
    ] as const);
    expect([method, address, status]).toEqual([method, address, 403]);
  }
  await page.close();
});

test('a session that is ended elsewhere is out within 5 s, and signs in again where it was', async () => {
  const page = await viewer.newPage();
  await page.goto('/hosts?q=some');
  await expect(page.getByTestId('stream-state')).toHaveAttribute('data-state', 'live');
  const boss = await admin.newPage();
  await boss.goto('/settings?tab=sessions');
  await boss.getByRole('button', { name: /End the session of vera/ }).click();
  await boss.getByRole('button', { name: 'End it' }).click();
  await expect(page).toHaveURL(/\/login\?from=/, { timeout: 5000 * patience });
  await expect(boss.getByRole('button', { name: /End the session of vera/ })).toHaveCount(0);
  await boss.close();

  await page.getByLabel('Name').fill('vera');
  await page.getByLabel('Password', { exact: true }).fill('wrong horse battery');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByText('The name or the password is wrong.')).toBeVisible();
  await page.getByLabel('Password', { exact: true }).fill(goodPassword);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`${hub.url}/hosts?q=some`);
  await expect(page.getByTestId('stream-state')).toHaveAttribute('data-state', 'live');
  await page.close();
});

test('signing in works without a script', async ({ browser }) => {
  const context = await browser.newContext({ baseURL: hub.url, javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto('/hosts');
  await page.getByLabel('Name').fill('vera');
  await page.getByLabel('Password', { exact: true }).fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByText('The name or the password is wrong.')).toBeVisible();
  await page.getByLabel('Name').fill('vera');
  await page.getByLabel('Password', { exact: true }).fill(goodPassword);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(`${hub.url}/hosts`);
  await expect(page.getByRole('button', { name: /^vera.*account and more/ })).toBeVisible();
  await context.close();
});

test('people, tokens and sessions are looked after by keyboard alone', async ({ browser }) => {
  const mate = await contextOf(
    browser,
    await join(hub, await cookieOf(admin), { name: 'mate', role: 'viewer' }),
  );
  const matesPage = await mate.newPage();
  await matesPage.goto('/');
  const page = await admin.newPage();
  await page.goto('/');
  await expect(page.getByTestId('stream-state')).toHaveAttribute('data-state', 'live');
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await page.getByLabel('Role of mate').focus();
  await page.keyboard.type('operator');
  await expect(page.getByLabel('Role of mate')).toHaveValue('operator');
  await page.getByRole('button', { name: 'Disable mate' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alertdialog')).toContainText('signed out everywhere');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Enable mate' })).toBeVisible();
  await expect(matesPage).toHaveURL(/\/login/, { timeout: 5000 * patience });
  await mate.close();

  await page.goto('/settings?tab=tokens');
  await page.getByLabel('Name').fill('prometheus');
  await page.keyboard.press('Enter');
  const secret = (await page.getByTestId('shown-once').textContent()) ?? '';
  expect(await ask(hub, 'GET', '/metrics', { headers: { authorization: `Bearer ${secret}` } })).toMatchObject(
    {
      status: 200,
    },
  );
  await page.getByRole('button', { name: 'Done' }).press('Enter');
  await expect(page.getByTestId('shown-once')).toHaveCount(0);
  await page.getByRole('button', { name: 'Remove the token prometheus' }).press('Enter');
  await page.getByRole('button', { name: 'Remove', exact: true }).press('Enter');
  await expect(page.getByRole('button', { name: 'Remove the token prometheus' })).toHaveCount(0);

  await page.goto('/settings?tab=audit');
  await page.getByLabel('Did what').fill('token.');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/action=token\./);
  await expect(page.locator('tr[data-row]').first()).toContainText('token.remove');
  await expect(page.locator('tr[data-row]').nth(1)).toContainText('token.create');
  await page.close();
});

async function opensWell(context: BrowserContext, address: string, heading: string): Promise<void> {
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  await page.goto(`${hub.url}${address}`);
  await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible();
  await looksRight(page, address);
  expect(problems, address).toEqual([]);
  await page.close();
}

test('the pages of a stranger pass axe in both themes, and do not scroll sideways', async ({ browser }) => {
  const cookie = await cookieOf(admin);
  const made = await ask(hub, 'POST', '/api/v1/invitations', { cookie, body: { role: 'viewer' } });
  const { path } = JSON.parse(made.body) as { path: string };
  const context = await browser.newContext();
  await opensWell(context, '/login', 'Sign in');
  await opensWell(context, path, 'Join this hub');
  await opensWell(context, '/invite/nonsense', 'This invitation does not work');
  await context.close();
});

test('the pages of an administrator do too', async () => {
  await opensWell(admin, '/account', 'admin');
  for (const tab of ['people', 'tokens', 'sessions', 'audit'])
    await opensWell(admin, `/settings?tab=${tab}`, 'Settings');
});

test('what opens over the settings does too, and the exports hold what is shown', async () => {
  const page = await admin.newPage();
  await page.goto('/settings');
  for (const name of ['Disable vera', 'One-time link for vera', 'Export people']) {
    // A key that comes before the page's script is there does nothing.
    await expect(async () => {
      await page.getByRole('button', { name }).press('Enter', { timeout: 2000 });
      await expect(page.getByRole('dialog').or(page.getByRole('alertdialog'))).toHaveCount(1, {
        timeout: 2000,
      });
    }).toPass({ timeout: 20_000 * patience });
    await looksRight(page, name);
    if (name.startsWith('Export')) {
      const waiting = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Download CSV' }).press('Enter');
      expect(readFileSync(await (await waiting).path(), 'utf8')).toMatch(/\r\nvera,viewer,true,/);
    }
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog').or(page.getByRole('alertdialog'))).toHaveCount(0);
  }
  await page.close();
});

test('signing out leaves, and the page of nobody shows nothing', async () => {
  const page = await viewer.newPage();
  await page.goto('/');
  await page.getByRole('button', { name: /account and more/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/login$/);
  // The one without a script is another browser's.
  expect(await sessionsOf('vera')).toEqual(['password']);
  await page.goto('/account');
  await expect(page).toHaveURL(/\/login\?from=%2Faccount$/);
  await page.close();
});
