import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { HostDetail, HostSummary, Page, Push } from '../../lib/model/index.ts';
import { patience } from './support/patience.ts';
import { gpufleet, recordedHost, startPlayedAgent } from './support/played-agent.ts';
import { mustRun } from './support/programs.ts';
import { Cleanup, eventually, sleep, temporaryFolder } from './support/temporary.ts';
import { startTestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

const line = (xid: number, bus: string, text: string): string =>
  `Nov 25 10:00:00 box kernel: [   34.193759] NVRM: Xid (PCI:0000:${bus}:00): ${xid}, pid='<unknown>', name=<unknown>, ${text}\n`;
const intervalSeconds = 1;

test('an Xid in the kernel log is in REST and /metrics with its advice within three intervals, and counts up', async () => {
  const hub = await startTestHub(cleanup, { options: ['--interval', `${intervalSeconds}s`] });
  const log = join(temporaryFolder(cleanup, 'kernel-log'), 'kern.log');
  writeFileSync(log, line(43, '1b', 'Ch 00000008'));
  await startPlayedAgent(cleanup, hub, {
    name: 'xid',
    control: { recording: recordedHost('h100x8') },
    intervalSeconds,
    options: ['--kernel-log', log],
  });
  const host = async (): Promise<HostDetail | undefined> => {
    const { items } = await hub.getJson<Page<HostSummary>>('/api/v1/hosts');
    const [first] = items;
    return first === undefined ? undefined : hub.getJson<HostDetail>(`/api/v1/hosts/${first.id}`);
  };
  const xids = async (): Promise<HostDetail['faults']> =>
    ((await host())?.faults ?? []).filter(({ kind }) => kind === 'xid');
  await eventually(async () => (await xids()).length === 1, { seconds: 30, what: 'the Xid since boot' });
  // The log is read beside the GPUs, and may be there first.
  const gpu = await eventually(async () => (await host())?.gpus[2], { seconds: 30, what: 'the GPUs' });
  const bus = /^0+:([0-9A-F]{2}):/i.exec(gpu.pciBusId ?? '')?.[1] ?? '';

  // What comes within a second of the lines of before is taken for one of them, and has the kernel's own time.
  await sleep(2);
  appendFileSync(log, line(95, bus.toLowerCase(), 'Uncontained: FBHUB. RST: Yes, D-RST: No'));
  const printedAt = performance.now();
  const fault = await eventually(async () => (await xids()).find(({ xid }) => xid === 95), {
    seconds: 20,
    what: 'the Xid that was printed',
  });
  expect((performance.now() - printedAt) / 1000).toBeLessThan(3 * intervalSeconds * patience);
  expect(fault).toMatchObject({
    severity: 'critical',
    gpuUuid: gpu.uuid,
    gpuIndex: 2,
    count: 1,
    title: 'Xid 95: Uncontained memory error',
    advice: expect.stringContaining('stop all that runs on the GPU and reset it'),
    source: expect.stringMatching(/^https:\/\/docs\.nvidia\.com\//),
  });
  expect(Date.now() - Date.parse(fault.lastAt ?? '')).toBeLessThan(30_000);
  const series = new RegExp(
    `^gpufleet_gpu_xid_errors_total\\{[^}]*uuid="${gpu.uuid}",xid="95"\\} (\\d+)$`,
    'm',
  );
  const scrape = await hub.scrapeToken();
  const metric = async () => {
    const answer = await fetch(`${hub.url}/metrics`, { headers: { authorization: `Bearer ${scrape}` } });
    return series.exec(await answer.text())?.[1];
  };
  await eventually(async () => (await metric()) === '1', { seconds: 10, what: 'the metric' });

  appendFileSync(log, line(95, bus, 'again').repeat(1000));
  await eventually(async () => (await xids()).find(({ xid }) => xid === 95)?.count === 1001, {
    seconds: 20,
    what: 'a thousand more',
  });
  expect(await xids()).toHaveLength(2);
  expect((await host())?.sources.find(({ source }) => source === 'kernel-log')).toMatchObject({
    state: 'ok',
    command: `tail -n +1 -F ${log}`,
  });
});

test('what is printed says that the log is not there, and --kernel-log none reads none', async () => {
  const folder = temporaryFolder(cleanup, 'no-log');
  const preview = async (log: string): Promise<Push> => {
    const printed = await mustRun([
      ...gpufleet,
      'agent',
      '--once',
      '--stdout',
      '--no-docker',
      '--kernel-log',
      log,
    ]);
    return JSON.parse(printed) as Push;
  };
  const missing = await preview(join(folder, 'kern.log'));
  const source = (push: Push) => push.reports[0]?.sources.find(({ source: name }) => name === 'kernel-log');
  expect(source(missing)).toMatchObject({
    state: 'failed',
    failure: { message: expect.stringMatching(/is not there$/) },
  });
  expect(source(await preview('none'))).toMatchObject({ state: 'absent', runs: 0 });
});
