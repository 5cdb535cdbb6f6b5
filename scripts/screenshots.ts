// `npm run screenshots`: the demo fleet's pages, as they look after three minutes, into docs/screenshots.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { startDemoFleet } from '../agents/access/simulated/demo-fleet.ts';
import { ensureBuilt, root } from './ensure-built.ts';
import { runCommand, startCommand, untilReady } from './run-hub.ts';

const port = 3977;
const warmUpSeconds = Number(process.argv[2] ?? 180);
const url = `http://127.0.0.1:${port}`;
const sizes = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];

interface Listed {
  readonly items: readonly {
    readonly id: string;
    readonly hostname: string;
    readonly gpus: readonly { uuid: string }[];
  }[];
}

async function take(link: string, folder: string): Promise<void> {
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  try {
    const signedIn = await browser.newContext();
    const page = await signedIn.newPage();
    await page.goto(link);
    await page.getByRole('button').click();
    await page.waitForURL(`${url}/`);
    const hosts: Listed = await (await signedIn.request.get(`${url}/api/v1/hosts`)).json();
    const host = hosts.items.find(({ hostname }) => hostname === 'hgx-h100-01') ?? hosts.items[0];
    const paths = {
      fleet: '/',
      hosts: '/hosts',
      host: `/hosts/${host?.id}`,
      gpu: `/gpus/${host?.gpus[0]?.uuid}`,
      gpus: '/gpus',
      containers: '/containers',
    };
    const storageState = await signedIn.storageState();
    for (const [name, path] of Object.entries(paths))
      for (const colorScheme of ['light', 'dark'] as const)
        for (const viewport of sizes) {
          const context = await browser.newContext({ storageState, colorScheme, viewport });
          const shown = await context.newPage();
          await shown.goto(url + path);
          await shown.waitForTimeout(3000);
          await shown.screenshot({ path: join(folder, `${name}-${colorScheme}-${viewport.width}.png`) });
          await context.close();
        }
  } finally {
    await browser.close();
  }
}

await ensureBuilt();
const data = await mkdtemp(join(tmpdir(), 'gpufleet-screenshots-'));
const hub = startCommand(['hub', '--port', String(port), '--data', data]);
const ended = new Promise((resolve) => hub.once('exit', resolve));
try {
  if (!(await untilReady(hub, url))) throw new Error('the hub did not start');
  const token = await runCommand(['hub', 'token', 'create', '--kind', 'enroll', '--data', data]);
  const fleet = await startDemoFleet({ hubUrl: url, token, stateFolder: join(data, 'agents') });
  try {
    await new Promise((resolve) => setTimeout(resolve, warmUpSeconds * 1000));
    const folder = join(root, 'docs/screenshots');
    await mkdir(folder, { recursive: true });
    await take(await runCommand(['hub', 'user', 'login-link', '--data', data]), folder);
  } finally {
    await fleet.stop();
  }
} finally {
  hub.kill('SIGTERM');
  await ended;
  await rm(data, { recursive: true, force: true });
}
