import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import type { Page as ApiPage, HostSummary } from '../lib/model/index.ts';
import { recordedHost, startPlayedAgent } from './integration/support/played-agent.ts';
import { Cleanup, eventually } from './integration/support/temporary.ts';
import { startTestHub, type TestHub } from './integration/support/test-hub.ts';
import { signIn } from './support/sign-in.ts';

test.describe.configure({ mode: 'serial' });

const cleanup = new Cleanup();
let hub: TestHub;
let host: HostSummary;
let context: BrowserContext;

declare global {
  var policyViolations: string[];
  var injectedScriptRan: boolean | undefined;
}

/** Notes what the policy refuses before any script of the page runs. */
async function watchPolicy(opened: BrowserContext): Promise<void> {
  await opened.addInitScript(() => {
    globalThis.policyViolations = [];
    document.addEventListener('securitypolicyviolation', (event) => {
      globalThis.policyViolations.push(`${event.effectiveDirective}: ${event.blockedURI} ${event.sample}`);
    });
  });
}

const violations = (page: Page): Promise<string[]> => page.evaluate(() => globalThis.policyViolations);

test.beforeAll(async ({ browser }) => {
  hub = await startTestHub(cleanup, { withPages: true });
  context = await browser.newContext();
  await watchPolicy(context);
  await signIn(context, hub);
  await startPlayedAgent(cleanup, hub, {
    name: 'policy',
    control: { recording: recordedHost('h100x8-mig') },
  });
  host = await eventually(
    async () => {
      const { items } = await hub.getJson<ApiPage<HostSummary>>('/api/v1/hosts');
      return items.find((each) => each.current && each.gpus.length > 0);
    },
    { seconds: 60, what: 'a reporting host' },
  );
});

test.afterAll(() => cleanup.run());

test('no page, and nothing that opens on one, asks for what the policy refuses', async () => {
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) problems.push(message.text());
  });
  await page.goto(hub.url);
  const linked = await page
    .getByRole('navigation')
    .first()
    .locator('a[href^="/"]')
    .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? '/'));
  const own = [`/hosts/${host.id}`, `/gpus/${host.gpus[0]?.uuid}`, '/hosts/add', '/nowhere'];
  const tabs = ['processes', 'stack', 'collection'].map((tab) => `/hosts/${host.id}?tab=${tab}`);
  for (const path of new Set(['/', ...linked, ...own, ...tabs])) {
    await page.goto(`${hub.url}${path}`);
    await expect(page.getByTestId('stream-state'), path).toHaveAttribute('data-state', 'live');
    await page.keyboard.press('Control+k');
    await expect(page.getByRole('dialog').first(), path).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog'), path).toHaveCount(0);
    expect(await violations(page), path).toEqual([]);
  }
  // A chart comes after the first paint, and brings styles of its own.
  await page.goto(`${hub.url}/gpus/${host.gpus[0]?.uuid}`);
  await expect(page.locator('.recharts-surface').first()).toBeVisible();
  expect(await violations(page)).toEqual([]);
  expect(problems).toEqual([]);
  await page.close();
});

test('a script that gets into a page does not run, and is told of', async () => {
  const page = await context.newPage();
  await page.goto(hub.url);
  await expect(page.getByTestId('stream-state')).toHaveAttribute('data-state', 'live');
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'globalThis.injectedScriptRan = true';
    document.body.append(script);
    const image = document.createElement('div');
    image.innerHTML = '<img src="/nothing.png" onerror="globalThis.injectedScriptRan = true">';
    document.body.append(image);
  });
  await expect.poll(() => violations(page)).toHaveLength(2);
  const directives = (await violations(page)).map((text) => text.split(':', 1)[0]);
  expect(directives).toEqual(['script-src-elem', 'script-src-attr']);
  expect(await page.evaluate(() => globalThis.injectedScriptRan)).toBeUndefined();
  await page.close();
});

test('each answer has a nonce of its own, which all scripts of the page carry', async () => {
  const seen = new Set<string>();
  for (let i = 0; i < 2; i += 1) {
    const answer = await context.request.get(hub.url);
    const policy = answer.headers()['content-security-policy'] ?? '';
    const nonce = /script-src 'self' 'nonce-([A-Za-z0-9+/=]{24})';/.exec(policy)?.[1] ?? '';
    expect(nonce).not.toBe('');
    seen.add(nonce);
    const inline = (await answer.text()).match(/<script(?![^>]*\bsrc=)[^>]*>/g) ?? [];
    expect(inline.length).toBeGreaterThan(1);
    for (const tag of inline) expect(tag).toContain(`nonce="${nonce}"`);
  }
  expect(seen.size).toBe(2);
});
