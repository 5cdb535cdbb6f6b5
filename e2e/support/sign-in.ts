import type { BrowserContext } from '@playwright/test';
import type { TestHub } from '../integration/support/test-hub.ts';

/** Signs a browser in as a person does: opens the one-time link and presses the button. */
export async function signIn(context: BrowserContext, hub: TestHub, origin = hub.url): Promise<void> {
  const page = await context.newPage();
  // The link is under the hub's first address; a cookie belongs to the one that the test uses.
  const { pathname } = new URL(await hub.loginLink());
  await page.goto(`${origin}${pathname}`);
  await page.getByRole('button', { name: /sign in/i }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/login'));
  await page.close();
}
