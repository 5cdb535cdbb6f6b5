import { chromium } from '@playwright/test';
const [link, out, ...paths] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox','--disable-gpu','--disable-background-networking'] });
const { existsSync } = await import('node:fs');
const stateFile = '/tmp/v-state.json';
let ctx = await browser.newContext(existsSync(stateFile) ? { storageState: stateFile } : {});
if (link !== '-') { const p = await ctx.newPage(); await p.goto(link!); await p.getByRole('button').click(); await p.waitForURL(u => !u.pathname.startsWith('/login')); await ctx.storageState({ path: stateFile }); }
const storageState = await ctx.storageState();
let i = 0;
for (const path of paths) { i++;
 for (const [scheme, w, h] of [['light',1440,900],['dark',1440,900],['light',390,844]] as const) {
  const c = await browser.newContext({ storageState, colorScheme: scheme, viewport: { width: w, height: h } });
  const p = await c.newPage(); const errs: string[] = []; p.on('pageerror', e => errs.push(e.message)); p.on('console', m => { if (m.type()==='error') errs.push(m.text()); });
  await p.goto('http://127.0.0.1:4555' + path); await p.waitForTimeout(2500);
  const over = await p.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await p.screenshot({ path: `${out}-${i}-${scheme}-${w}.png` });
  console.log(path, scheme, w, 'over', over, errs.join(' | ').slice(0,300)); await c.close(); }
}
await browser.close();
