import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordedHost } from '../../e2e/integration/support/played-agent.ts';
import { send } from '../../e2e/integration/support/pusher.ts';
import { makeKey } from '../../e2e/integration/support/ssh-server.ts';
import { type Cleanup, freePort, sleep, temporaryFolder } from '../../e2e/integration/support/temporary.ts';
import { TestHub } from '../../e2e/integration/support/test-hub.ts';
import type { SshHostsView, SshKeyView } from '../../lib/model/index.ts';
import { type BenchResult, figure, quantile } from '../bench.ts';
import { loopDelay } from '../fleet/loop-delay.ts';
import { cpuSecondsOf, peakBytesOf, residentBytesOf } from '../support/process-figures.ts';
import { endsWithUs, startIdle, startPlayedServer } from './hosts.ts';
import { writePlayedLogin } from './played-login.ts';
import { type PlayedSmi, writePlayedSmi } from './played-smi.ts';
import { storedSamples } from './stored-samples.ts';

const intervalSeconds = 5;
/** A sample is late when the hub has it so long after nvidia-smi printed it: when the next one is due. */
const lateSeconds = 5;
const hostsPerNetwork = 250;
const openSeconds = 240;
const settleSeconds = 45;
const mebibyte = 2 ** 20;

/** Addresses of this machine, each a host of its own. */
const addresses = (count: number): readonly string[] =>
  Array.from(
    { length: count },
    (_, at) => `127.1.${1 + Math.floor(at / hostsPerNetwork)}.${1 + (at % hostsPerNetwork)}`,
  );

interface Played {
  readonly hub: TestHub;
  readonly smi: PlayedSmi;
  readonly fleetFile: string;
  readonly fleetText: string;
}

/** One server under all the addresses, and a hub that knows its key for each. */
async function startPlayed(cleanup: Cleanup, count: number): Promise<Played> {
  const folder = temporaryFolder(cleanup, 'bench-ssh');
  const recording = recordedHost('rtx3090x2');
  const smi = await writePlayedSmi(cleanup, {
    folder: `${folder}/smi`,
    recording,
    intervalSeconds,
    pids: startIdle(cleanup, 4),
  });
  const hostKey = await makeKey(folder);
  const server = await startPlayedServer(cleanup, {
    folder,
    path: smi.path,
    address: '0.0.0.0',
    forced: writePlayedLogin(folder, smi),
    recording,
    hostKey,
  });
  const key = server.knownHostsLine.split(' ').slice(1).join(' ');
  const home = join(folder, 'home');
  mkdirSync(join(home, '.ssh'), { recursive: true });
  const known = addresses(count).map((address) => `[${address}]:${server.port} ${key}\n`);
  writeFileSync(join(home, '.ssh', 'known_hosts'), known.join(''));
  const fleetFile = join(folder, 'fleet.yaml');
  writeFileSync(fleetFile, 'hosts: {}\n');
  const place = { port: await freePort(), dataFolder: join(temporaryFolder(cleanup, 'hub'), 'data') };
  const options = ['--fleet-file', fleetFile];
  const hub = new TestHub(cleanup, { options, env: { HOME: home }, prefix: endsWithUs }, place);
  await hub.start();
  const answer = await send(`${hub.url}/api/v1/ssh-keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await hub.apiToken('admin')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'bench', path: null, passphrase: null }),
  });
  if (answer.status >= 300) throw new Error(`no key: ${answer.status} ${answer.body}`);
  const keyFile = join(folder, 'hub-key');
  writeFileSync(`${keyFile}.pub`, `${(JSON.parse(answer.body) as SshKeyView).publicLine}\n`);
  server.authorize(keyFile);
  const entries = addresses(count).map(
    (address) =>
      `  ${address}: { user: ${server.user}, key: bench, port: ${server.port}, interval: ${intervalSeconds}s }\n`,
  );
  return { hub, smi, fleetFile, fleetText: `ssh:\n${entries.join('')}` };
}

/** Waits until every host is read; gives the seconds that it took. */
async function untilAllRead(hub: TestHub, count: number): Promise<number> {
  const start = performance.now();
  for (;;) {
    const { items } = await hub.getJson<SshHostsView>('/api/v1/ssh-hosts');
    const read = items.filter(({ state, lastReadAt }) => state === 'reading' && lastReadAt !== null).length;
    const seconds = (performance.now() - start) / 1000;
    if (read === count) return seconds;
    if (seconds > openSeconds) {
      const conditions = new Set(items.map(({ state, condition }) => `${state} ${condition?.text ?? ''}`));
      throw new Error(
        `${read} of ${count} are read after ${openSeconds} s: ${[...conditions].slice(0, 5).join('; ')}`,
      );
    }
    await sleep(2);
  }
}

/** One server, many connections, each a host of its own, read by a whole hub. */
export async function manyConnections(
  cleanup: Cleanup,
  { count, minutes }: { readonly count: number; readonly minutes: number },
): Promise<readonly BenchResult[]> {
  const { hub, smi, fleetFile, fleetText } = await startPlayed(cleanup, count);
  const residentBefore = residentBytesOf(hub.pid);
  writeFileSync(fleetFile, fleetText);
  const opening = await untilAllRead(hub, count);
  await sleep(settleSeconds);
  await loopDelay(hub);
  const [cpuFrom, from] = [cpuSecondsOf(hub.pid), Date.now()];
  await sleep(minutes * 60);
  const [cpuTo, to] = [cpuSecondsOf(hub.pid), Date.now()];
  const delay = await loopDelay(hub);
  const [resident, peak] = [residentBytesOf(hub.pid), peakBytesOf(hub.pid)];
  // What was printed last is on its way.
  await sleep(2 * lateSeconds);
  await hub.stop();
  const { hosts, delaySeconds, missing } = storedSamples(
    join(hub.dataFolder, 'history.sqlite'),
    { fromMillis: from, toMillis: to, intervalSeconds },
    smi.ticker.printedMillis,
  );
  const late = delaySeconds.filter((each) => each > lateSeconds).length;
  const silent = count - hosts;
  const cores = (cpuTo - cpuFrom) / ((to - from) / 1000);
  const at = (share: number) => quantile(delaySeconds, share).toFixed(2);
  const note = `${count} simulated hosts of 2 GPUs, a connection each to one sshd, on one hub for ${minutes} minutes, each sample followed from nvidia-smi to the hub's history: ${delaySeconds.length} of about ${(count * minutes * 60) / intervalSeconds}; there after ${at(0.5)} s (p50), ${at(0.99)} s (p99), ${at(1)} s (longest); late: after more than ${lateSeconds} s; ${late} late, ${missing} missing, ${silent} hosts silent, ${smi.ticker.dropped} not taken by the host; all were read ${opening.toFixed(0)} s after the hub was told of them`;
  return [
    figure({ name: 'ssh/late', unit: 'samples late or missing', bar: 0, note }, [late + missing + silent]),
    figure(
      {
        name: 'ssh/hub-cpu',
        unit: 'cores of the hub',
        bar: 1,
        note: `${((cores * 60_000) / count).toFixed(0)} ms a host and minute: SSH, parsing, live fleet, history; event loop p99 ${delay.p99.toFixed(0)} ms, max ${delay.max.toFixed(0)} ms`,
      },
      [cores],
    ),
    figure(
      {
        name: 'ssh/hub-memory',
        unit: 'KiB a connection',
        bar: 4096,
        note: `${(resident / mebibyte).toFixed(0)} MiB resident at the end, ${(peak / mebibyte).toFixed(0)} at most, ${(residentBefore / mebibyte).toFixed(0)} before`,
      },
      [(resident - residentBefore) / 1024 / count],
    ),
  ];
}
