import { readFileSync } from 'node:fs';
import { recordedHost } from '../../e2e/integration/support/played-agent.ts';
import { type Cleanup, sleep, temporaryFolder } from '../../e2e/integration/support/temporary.ts';
import { type BenchResult, compared, figure } from '../bench.ts';
import { startChild } from '../support/child.ts';
import { childrenSecondsOf } from '../support/process-figures.ts';
import { type PlayedSshHost, startHosts, startIdle } from './hosts.ts';
import type { handlers as openSshHandlers, Work } from './openssh-side.ts';
import type { Figures, handlers as ourHandlers } from './our-side.ts';
import { type PlayedSmi, writePlayedSmi } from './played-smi.ts';

const intervalSeconds = 5;
const rounds = 3;
const windowSeconds = 30;
/** First documents, and what is asked once, are over by then. */
const settleSeconds = 25;
const openSshSettleSeconds = 10;
const openedAtOnce = 4;
const playedGpus = 8;
/** As the hub starts itself (bin/lean-heap.ts), and a way to be rid of garbage. */
const nodeOptions = ['--max-old-space-size=1900', '--max-semi-space-size=16', '--expose-gc'];

const ourFile = new URL('our-side.ts', import.meta.url);
const openSshFile = new URL('openssh-side.ts', import.meta.url);

/** CPU seconds that the whole machine was busy since it started. */
function machineSeconds(): number {
  const [, user = 0, nice = 0, system = 0, , , interrupts = 0, soft = 0] = (
    readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? ''
  )
    .split(/\s+/)
    .map(Number);
  return (user + nice + system + interrupts + soft) / 100;
}

interface OurRound {
  readonly cpuMillisPerHost: number;
  readonly memoryKibibytesPerHost: number;
  /** CPU of everything else that ran: sshd and what it started, most of all. */
  readonly otherMillisPerHost: number;
  readonly figures: Figures;
}

const perHostMinute = (seconds: number, hosts: number): number =>
  (seconds * 1000 * 60) / windowSeconds / hosts;

async function ourRound(cleanup: Cleanup, hosts: readonly PlayedSshHost[]): Promise<OurRound> {
  const child = startChild<typeof ourHandlers>(ourFile, nodeOptions);
  cleanup.add(() => child.stop());
  const { residentBytesBefore } = await child.call('open', {
    hosts,
    intervalSeconds,
    atOnce: openedAtOnce,
  });
  await sleep(settleSeconds);
  await child.call('begin');
  const from = await child.call('figures');
  const machineFrom = machineSeconds();
  await sleep(windowSeconds);
  const figures = await child.call('figures');
  const all = machineSeconds() - machineFrom;
  const resident = await child.call('memory');
  await child.stop();
  if (figures.reporting < hosts.length)
    throw new Error(`only ${figures.reporting} of ${hosts.length} hosts report GPUs`);
  const seconds = (figures.cpuMicros - from.cpuMicros) / 1e6;
  return {
    cpuMillisPerHost: perHostMinute(seconds, hosts.length),
    otherMillisPerHost: perHostMinute(all - seconds, hosts.length),
    memoryKibibytesPerHost: (resident - residentBytesBefore) / 1024 / hosts.length,
    figures,
  };
}

/**
 * What one host was asked in a window, for OpenSSH to ask the same. What we ask by SFTP, files and links, it asks by one
 * command line where we ask several times.
 */
function workOf({ tally }: Figures, hosts: number, streams: Work['streams']): Work {
  const often = (tallied: Readonly<Record<string, number>>) =>
    Object.entries(tallied)
      .map(([what, times]) => [what, times / hosts] as const)
      .filter(([, times]) => times >= 0.5);
  const isLinks = (command: string): boolean => command.startsWith('readlink ');
  const [commands, paths] = [often(tally.commands), often(tally.paths)];
  const links = commands.filter(([command]) => isLinks(command));
  const most = Math.max(0, ...paths.map(([, times]) => times), ...links.map(([, times]) => times));
  const cat = ['cat', '--', ...paths.map(([path]) => path)].join(' ');
  const files = [cat, ...links.map(([command]) => command)].join('; ');
  const own = commands.filter(([command]) => !isLinks(command));
  return { streams, commands: most > 0 ? [...own, [files, most]] : own, windowSeconds };
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
  readonly done: number;
  /** Commands that were not asked, since the one before still ran. */
  readonly skipped: number;
}

async function openSshRound(
  cleanup: Cleanup,
  hosts: readonly PlayedSshHost[],
  work: Work,
): Promise<OpenSshRound> {
  const child = startChild<typeof openSshHandlers>(openSshFile);
  cleanup.add(() => child.stop());
  await child.call('open', { hosts, folder: temporaryFolder(cleanup, 'cm'), work });
  await sleep(openSshSettleSeconds);
  const [from, before] = [childrenSecondsOf(child.pid), await child.call('counts')];
  await sleep(windowSeconds);
  const seconds = childrenSecondsOf(child.pid) - from;
  const after = await child.call('counts');
  await child.call('close');
  await child.stop();
  return {
    cpuMillisPerHost: perHostMinute(seconds, hosts.length),
    done: after.done - before.done,
    skipped: after.skipped - before.skipped,
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);
const mean = (values: readonly number[]): string => (sum(values) / values.length).toFixed(0);

/** What it costs to read many servers, beside OpenSSH with ControlMaster. */
export async function manyServers(cleanup: Cleanup, count: number): Promise<readonly BenchResult[]> {
  const folder = temporaryFolder(cleanup, 'bench-ssh');
  const recording = recordedHost('h100x8');
  const smi = await writePlayedSmi(cleanup, {
    folder: `${folder}/smi`,
    recording,
    intervalSeconds,
    pids: startIdle(cleanup, playedGpus),
  });
  const hosts = await startHosts(cleanup, { folder, count, path: smi.path, recording });
  const ours: OurRound[] = [];
  const theirs: OpenSshRound[] = [];
  let last: Work | null = null;
  for (let round = 0; round < rounds; round++) {
    const taken = await ourRound(cleanup, hosts);
    ours.push(taken);
    last = workOf(taken.figures, count, []);
    theirs.push(await openSshRound(cleanup, hosts, perSample(last, smi)));
  }
  if (last === null) return [];
  const held = await openSshRound(cleanup, hosts, { ...last, streams: smi.streams.map((each) => each.held) });
  const asked = [...last.commands.map(([command, times]) => `${times.toFixed(1)} × ${command.slice(0, 60)}`)];
  const note = `${count} real sshd of ${playedGpus} GPUs at ${intervalSeconds} s, parsed, made a report, checked; ${sum(ours.map(({ figures }) => figures.reports))} reports, ${sum(ours.map(({ figures }) => figures.late))} late, ${sum(ours.map(({ figures }) => figures.cut))} cut; beside the streams each was asked in ${windowSeconds} s: ${asked.join(', ')}; ControlMaster ran ${mean(theirs.map(({ done }) => done / count))} commands a host in a window and left out ${sum(theirs.map(({ skipped }) => skipped))} since the one before still ran; with its streams held open as ours are, nothing parsed: ${held.cpuMillisPerHost.toFixed(0)}; sshd and what it started, while we read: ${mean(ours.map(({ otherMillisPerHost }) => otherMillisPerHost))}`;
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
}
