import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

export const sizes = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } } as const;

/** What axe finds, a line a rule; all rules unless some are named. */
export async function axeFindings(page: Page, rules: readonly string[] = []): Promise<string[]> {
  // What passes is not asked for: on a page of many rows that takes longer than all the rest.
  const axe = new AxeBuilder({ page }).options({ resultTypes: ['violations'] });
  const { violations } = await (rules.length > 0 ? axe.withRules([...rules]) : axe).analyze();
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`,
  );
}

/** How far the page, or what lies over it, sticks out to the right. */
export const sidewaysScroll = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const over = [...document.querySelectorAll('[role=dialog], [role=alertdialog], [role=menu]')];
    const { documentElement: root } = document;
    const beyond = over.map((each) => each.getBoundingClientRect().right - root.clientWidth);
    const inside = over.map((each) => each.scrollWidth - each.clientWidth);
    return Math.ceil(Math.max(root.scrollWidth - root.clientWidth, ...beyond, ...inside));
  });

/**
 * What is open now, as it stands: axe in both themes (in the dark one only colours are another matter), and no sideways
 * scroll at either size. Leaves the page light and wide.
 */
export async function looksRight(page: Page, what: string): Promise<void> {
  await page.emulateMedia({ colorScheme: 'light' });
  expect(await axeFindings(page), `${what}, light`).toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await axeFindings(page, ['color-contrast']), `${what}, dark`).toEqual([]);
  for (const size of [sizes.wide, sizes.narrow]) {
    await page.setViewportSize(size);
    // Polled, since a map or a popover measures itself after the page has its new width.
    await expect.poll(() => sidewaysScroll(page), `${what}, ${size.width} wide`).toBeLessThanOrEqual(0);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(sizes.wide);
}
