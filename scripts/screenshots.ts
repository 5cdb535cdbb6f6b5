// `npm run screenshots -- [SECONDS [NAME…]]`: every page (or those named) with the demo fleet, after so many seconds
// (180), into docs/screenshots.
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from '@playwright/test';
import { startDemoFleet } from '../agents/access/simulated/demo-fleet.ts';
import { places } from '../app/places.ts';
import { startSshServer } from '../e2e/integration/support/ssh-server.ts';
import { Cleanup } from '../e2e/integration/support/temporary.ts';
import type { HostSummary, SshHostsView, SshHostView, SshKeyView } from '../lib/model/index.ts';
import { ensureBuilt, root } from './ensure-built.ts';
import { demoFleetFile, runCommand, startCommand, untilReady } from './run-hub.ts';
import { smallPng } from './small-png.ts';

const port = 3977;
const [secondsText = '180', ...only] = process.argv.slice(2);
const warmUpSeconds = Number(secondsText);
const url = `http://127.0.0.1:${port}`;
const folder = join(root, 'docs/screenshots');
const sizes = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];
const loadDeadlineMilliseconds = 30_000;
const sshServers = new Cleanup();

interface Shot {
  readonly name: string;
  readonly path: string;
  /** What is opened before the picture is taken. */
  readonly prepare?: (page: Page) => Promise<void>;
  /** Of those who are not signed in. */
  readonly asStranger?: boolean;
}

async function openSearch(page: Page): Promise<void> {
  await page.keyboard.press('/');
  await page.getByRole('combobox').fill('h100');
}

async function openOrigin(page: Page): Promise<void> {
  await page.locator('[data-origin="power.drawWatts"]').first().click();
  await page.getByTestId('origin-printed').waitFor();
}

async function openExport(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Export' }).first().click();
}

/** The page of the container that holds most. */
async function openContainer(page: Page): Promise<void> {
  await page.locator('[data-row-link]').first().click();
  await page.getByTestId('owner-page').waitFor();
  await page.waitForTimeout(2500);
}

/** A host to read over SSH whose key nobody accepted yet: a real sshd, added once. */
async function openSshHost(page: Page): Promise<void> {
  const { request } = page.context();
  const add = async <T>(path: string, data: object): Promise<T> => {
    const answer = await request.post(`${url}/api/v1/${path}`, { data, headers: { origin: url } });
    if (!answer.ok()) throw new Error(`${path}: ${answer.status()} ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  const known = (await (await request.get(`${url}/api/v1/ssh-hosts`)).json()) as SshHostsView;
  let id = known.items[0]?.id;
  if (id === undefined) {
    const server = await startSshServer(sshServers);
    const key = await add<SshKeyView>('ssh-keys', { name: 'gpu-hosts' });
    const { port: sshPort } = server;
    const host = { address: '127.0.0.1', port: sshPort, user: 'gpufleet', keyId: key.id };
    id = (await add<SshHostView>('ssh-hosts', host)).id;
  }
  await page.goto(`${url}/hosts/ssh?ssh=${id}`);
  await page.getByTestId('offered-fingerprint').waitFor();
}

const nameOf = (href: string): string => href.slice(1).replaceAll(/[^a-z0-9]+/g, '-') || 'fleet';

/** Every place of the bar and of search, and what is behind them. A page that comes later is in it by itself. */
function shotsOf(hosts: readonly HostSummary[]): readonly Shot[] {
  const host = hosts.find(({ hostname }) => hostname === 'hgx-h100-01') ?? hosts[0];
  const troubled = hosts.filter(({ state }) => state !== 'ok').slice(0, 3);
  // Of those that report well: the others have a picture each.
  const faulty = hosts.find(
    ({ state, gpus }) =>
      state === 'ok' && gpus.some(({ faults }) => faults.some(({ severity }) => severity === 'critical')),
  );
  const gpu = host?.gpus.find(({ migDevices }) => migDevices.length > 0) ?? host?.gpus[0];
  const page = `/hosts/${host?.id}`;
  return [
    ...places.map(({ href }): Shot => ({ name: nameOf(href), path: href })),
    { name: 'fleet-unusual', path: '/?only=unusual' },
    { name: 'compat-ask', path: '/compat?ask=cuda>%3D12.8' },
    { name: 'compat-plan', path: '/compat?plan=*&driver=580.159.03&toolkit=1.19.1#plan-group' },
    {
      name: 'compat-reasons',
      path: `/compat?${new URLSearchParams({ image: 'ghcr.io/lab/flux-dev:2.1', cell: 'a100' })}`,
    },
    { name: 'host', path: page },
    ...['processes', 'stack', 'collection'].map(
      (tab): Shot => ({ name: `host-${tab}`, path: `${page}?tab=${tab}#main` }),
    ),
    ...(faulty === undefined
      ? []
      : [
          { name: 'host-gpu-fault', path: `/hosts/${faulty.id}` },
          { name: 'host-faults', path: `/hosts/${faulty.id}?tab=faults#main` },
        ]),
    ...troubled.map(({ id, state }): Shot => ({ name: `host-${state}`, path: `/hosts/${id}` })),
    { name: 'gpu', path: `/gpus/${gpu?.uuid}` },
    { name: 'container', path: '/containers?sort=-memory', prepare: openContainer },
    { name: 'search', path: '/hosts', prepare: openSearch },
    { name: 'origin', path: page, prepare: openOrigin },
    { name: 'export', path: '/gpus', prepare: openExport },
    { name: 'not-found', path: '/nowhere' },
    { name: 'login', path: '/login', asStranger: true },
    // The last: from then on the Fleet page says that a host waits.
    { name: 'hosts-ssh-key', path: '/hosts/ssh', prepare: openSshHost },
  ];
}

/** Shows the tabs of a host, which stand below its GPUs. */
async function scrollToTabs(page: Page): Promise<void> {
  const tabs = page.getByRole('tablist');
  if ((await tabs.count()) > 0) await tabs.first().evaluate((element) => element.scrollIntoView());
}

async function take(context: BrowserContext, shot: Shot, file: string): Promise<void> {
  const page = await context.newPage();
  const answer = await page.goto(url + shot.path, { timeout: loadDeadlineMilliseconds });
  if (answer?.status() === 404 && shot.name !== 'not-found') {
    process.stderr.write(`${shot.path}: there is no such page\n`);
    return;
  }
  await page.waitForTimeout(2500);
  if (shot.path.includes('tab=')) await scrollToTabs(page);
  await shot.prepare?.(page);
  // Charts and pictures that came into view last.
  await page.waitForTimeout(700);
  await writeFile(file, smallPng(await page.screenshot({ animations: 'disabled', caret: 'hide' })));
}

async function signIn(browser: Browser, link: string): Promise<BrowserContext> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(link);
  await page.getByRole('button', { name: /sign in/i }).click();
  await page.waitForURL((at) => !at.pathname.startsWith('/login'));
  return context;
}

async function takeAll(link: string): Promise<number> {
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  let failures = 0;
  try {
    const signedIn = await signIn(browser, link);
    const listed = await signedIn.request.get(`${url}/api/v1/hosts?limit=1000`);
    const { items }: { items: readonly HostSummary[] } = await listed.json();
    const storageState = await signedIn.storageState();
    const wanted = shotsOf(items).filter(({ name }) => only.length === 0 || only.includes(name));
    for (const shot of wanted)
      for (const colorScheme of ['light', 'dark'] as const)
        for (const viewport of sizes) {
          const context = await browser.newContext({
            colorScheme,
            viewport,
            timezoneId: 'UTC',
            reducedMotion: 'reduce',
            ...(shot.asStranger === true ? {} : { storageState }),
          });
          const name = `${shot.name}-${colorScheme}-${viewport.width}.png`;
          await take(context, shot, join(folder, name)).catch((error: unknown) => {
            failures += 1;
            process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`);
          });
          await context.close();
        }
  } finally {
    await browser.close();
  }
  return failures;
}

/** Pictures of pages that are no more must not stay. */
async function emptyFolder(): Promise<void> {
  for (const name of await readdir(folder).catch(() => []))
    if (name.endsWith('.png')) await rm(join(folder, name));
}

await ensureBuilt();
const data = await mkdtemp(join(tmpdir(), 'gpufleet-screenshots-'));
const hub = startCommand(['hub', '--port', String(port), '--data', data, '--fleet-file', demoFleetFile]);
const ended = new Promise((resolve) => hub.once('exit', resolve));
try {
  if (!(await untilReady(hub, url))) throw new Error('the hub did not start');
  const token = await runCommand(['hub', 'token', 'create', '--kind', 'enroll', '--data', data]);
  const fleet = await startDemoFleet({ hubUrl: url, token, stateFolder: join(data, 'agents') });
  try {
    await new Promise((resolve) => setTimeout(resolve, warmUpSeconds * 1000));
    if (only.length === 0) await emptyFolder();
    await mkdir(folder, { recursive: true });
    const failures = await takeAll(await runCommand(['hub', 'user', 'login-link', '--data', data]));
    if (failures > 0) process.exitCode = 1;
  } finally {
    await fleet.stop();
  }
} finally {
  await sshServers.run();
  hub.kill('SIGTERM');
  await ended;
  await rm(data, { recursive: true, force: true });
}
