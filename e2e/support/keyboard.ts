import { expect, type Locator, type Page } from '@playwright/test';

const mostSteps = 120;

/** Goes to it with the Tab key alone, as who has no pointer does; fails where that does not lead there. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  for (let step = 0; step < mostSteps; step += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${mostSteps} times Tab do not lead to ${target}`);
}

/** Goes there and presses a key on it. */
export async function pressOn(page: Page, target: Locator, key = 'Enter'): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press(key);
}
