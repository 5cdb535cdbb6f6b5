import { recordedHost } from '../../e2e/integration/support/played-agent.ts';
import { Cleanup, temporaryFolder } from '../../e2e/integration/support/temporary.ts';
import { type BenchCommand, type BenchResult, compared, figure } from '../bench.ts';
import { startChild } from '../support/child.ts';
import { childrenSecondsOf } from '../support/process-figures.ts';
import { type PlayedSshHost, startHosts } from './hosts.ts';
import type { handlers as openSshHandlers, Work } from './openssh-side.ts';
import type { Figures, handlers as ourHandlers } from './our-side.ts';
import { type PlayedSmi, writePlayedSmi } from './played-smi.ts';

const intervalSeconds = 5;
const serverCount = 50;
const rounds = 3;
const windowSeconds = 30;
/** First documents, and what is asked once, are over by then. */
const settleSeconds = 25;
const openSshSettleSeconds = 10;
const connectionCount = 500;
const fullMinutes = 10;
const mebibyte = 2 ** 20;

const ourFile = new URL('our-side.ts', import.meta.url);
const openSshFile = new URL('openssh-side.ts', import.meta.url);

const sleep = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, seconds * 1000));

interface OurRound {
  readonly cpuMillisPerHost: number;
  readonly memoryKibibytesPerHost: number;
  readonly figures: Figures;
}

async function ourRound(hosts: readonly PlayedSshHost[]): Promise<OurRound> {
  const child = startChild<typeof ourHandlers>(ourFile, ['--expose-gc']);
  try {
    const { before } = await child.call('open', { hosts, intervalSeconds, atOnce: 4 });
    await sleep(settleSeconds);
    await child.call('begin');
    const from = await child.call('figures');
    await sleep(windowSeconds);
    const to = await child.call('figures');
    const minutes = windowSeconds / 60;
    return {
      cpuMillisPerHost: (to.cpuMicros - from.cpuMicros) / 1000 / hosts.length / minutes,
      memoryKibibytesPerHost: (to.residentBytes - before) / 1024 / hosts.length,
      figures: to,
    };
  } finally {
    await child.stop();
  }
}

/**
 * What one host was asked in a window, for OpenSSH to ask the same; files by one `cat` where we read several. Either each
 * sample's commands anew, or streams held open as ours are.
 */
function workOf({ tally }: Figures, hosts: readonly PlayedSshHost[], streams: Work['streams'] | null): Work {
  const commands = Object.entries(tally.commands)
    .map(([command, times]) => [command, times / hosts.length] as const)
    .filter(([, times]) => times >= 0.5);
  const paths = Object.entries(tally.paths).filter(([, times]) => times >= hosts.length / 2);
  const most = Math.max(0, ...paths.map(([, times]) => times / hosts.length));
  const cat = ['cat', '--', ...paths.map(([path]) => path)].join(' ');
  return {
    streams: streams ?? [],
    commands: most >= 0.5 ? [...commands, [cat, most]] : commands,
    windowSeconds,
  };
}

/** The commands of each sample, anew for each. */
const perSample = (work: Work, smi: PlayedSmi): Work => ({
  ...work,
  commands: [
    ...work.commands,
    ...smi.streams.map(({ once }) => [once, windowSeconds / intervalSeconds] as const),
  ],
});

interface OpenSshRound {
  readonly cpuMillisPerHost: number;
  /** Commands that were not asked, since the one before still ran. */
  readonly skipped: number;
}

async function openSshRound(hosts: readonly PlayedSshHost[], work: Work): Promise<OpenSshRound> {
  const cleanup = new Cleanup();
  const child = startChild<typeof openSshHandlers>(openSshFile);
  try {
    await child.call('open', { hosts, folder: temporaryFolder(cleanup, 'cm'), work });
    await sleep(openSshSettleSeconds);
    const from = childrenSecondsOf(child.pid);
    await sleep(windowSeconds);
    const seconds = childrenSecondsOf(child.pid) - from;
    const { skipped } = await child.call('counts');
    return { cpuMillisPerHost: (seconds * 1000 * 60) / windowSeconds / hosts.length, skipped };
  } finally {
    await child.call('close').catch(() => undefined);
    await child.stop();
    await cleanup.run();
  }
}

async function manyServers(): Promise<readonly BenchResult[]> {
  const cleanup = new Cleanup();
  try {
    const folder = temporaryFolder(cleanup, 'bench-ssh');
    const smi = await writePlayedSmi(`${folder}/smi`, recordedHost('h100x8'), intervalSeconds);
    const hosts = await startHosts(cleanup, folder, { count: serverCount, nvidiaSmi: smi.path });
    const ours: OurRound[] = [];
    const theirs: OpenSshRound[] = [];
    let last: Figures | null = null;
    for (let round = 0; round < rounds; round++) {
      const taken = await ourRound(hosts);
      ours.push(taken);
      theirs.push(await openSshRound(hosts, perSample(workOf(taken.figures, hosts, null), smi)));
      last = taken.figures;
    }
    const held = smi.streams.map((each) => each.held);
    const holding = last === null ? null : await openSshRound(hosts, workOf(last, hosts, held));
    const skipped = theirs.reduce((sum, each) => sum + each.skipped, 0);
    const late = ours.reduce((sum, { figures }) => sum + figures.late, 0);
    const samples = ours.reduce((sum, { figures }) => sum + figures.samples, 0);
    const commands = Object.values(ours[0]?.figures.tally.commands ?? {}).reduce(
      (sum, each) => sum + each,
      0,
    );
    const note = `${serverCount} real sshd of 8 GPUs at ${intervalSeconds} s, parsed and made a report; ${samples} samples, ${late} late; ${(commands / serverCount).toFixed(1)} commands a host in ${windowSeconds} s beside the streams; ControlMaster with its streams held open, nothing parsed: ${holding?.cpuMillisPerHost.toFixed(0)}; ${skipped} of its commands left out, since the one before still ran`;
    return [
      compared(
        { name: 'ssh/cpu', unit: 'milliseconds of CPU a host and minute', bar: 2, note },
        ours.map(({ cpuMillisPerHost }) => cpuMillisPerHost),
        {
          what: "OpenSSH with ControlMaster, each sample's commands anew, its processes alone, nothing parsed",
          values: theirs.map(({ cpuMillisPerHost }) => cpuMillisPerHost),
        },
      ),
      figure(
        { name: 'ssh/memory', unit: 'KiB a connection', bar: 4096, note: 'its collector included' },
        ours.map(({ memoryKibibytesPerHost }) => memoryKibibytesPerHost),
      ),
    ];
  } finally {
    await cleanup.run();
  }
}

/** One server, many connections: each as a host of its own. */
async function manyConnections(minutes: number): Promise<readonly BenchResult[]> {
  const cleanup = new Cleanup();
  const child = startChild<typeof ourHandlers>(ourFile, ['--expose-gc']);
  try {
    const folder = temporaryFolder(cleanup, 'bench-ssh');
    const smi = await writePlayedSmi(`${folder}/smi`, recordedHost('rtx3090x2'), intervalSeconds);
    const [host] = await startHosts(cleanup, folder, { count: 1, nvidiaSmi: smi.path });
    if (host === undefined) return [];
    const hosts = Array.from({ length: connectionCount }, () => host);
    const { before } = await child.call('open', { hosts, intervalSeconds, atOnce: 4 });
    await sleep(settleSeconds);
    await child.call('begin');
    const from = await child.call('figures');
    await sleep(minutes * 60);
    const to = await child.call('figures');
    const cores = (to.cpuMicros - from.cpuMicros) / 1e6 / (minutes * 60);
    const kibibytes = (to.residentBytes - before) / 1024 / connectionCount;
    const wanted = (connectionCount * minutes * 60) / intervalSeconds;
    const note = `${connectionCount} hosts of 2 GPUs over one sshd for ${minutes} minutes: ${to.samples} samples of about ${wanted}; ${cores.toFixed(2)} cores; ${kibibytes.toFixed(0)} KiB a connection; ${(to.residentBytes / mebibyte).toFixed(0)} MiB`;
    const missing = Math.max(0, wanted * 0.98 - to.samples);
    return [figure({ name: 'ssh/late', unit: 'samples late or missing', bar: 0, note }, [to.late + missing])];
  } finally {
    await child.call('close').catch(() => undefined);
    await child.stop();
    await cleanup.run();
  }
}

/** Hosts over SSH: what they take from the hub, beside OpenSSH with ControlMaster. */
export const sshServers: BenchCommand = { name: 'ssh-servers', run: manyServers };

/** 500 hosts over SSH on one hub's process. */
export const sshMany: BenchCommand = {
  name: 'ssh-many',
  run: ({ minutes }) => manyConnections(Math.max(0.5, minutes ?? fullMinutes)),
};

/** Both. */
export const ssh: BenchCommand = {
  name: 'ssh',
  run: async (options) => [...(await sshServers.run(options)), ...(await sshMany.run(options))],
};
