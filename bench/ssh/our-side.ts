import { readFile } from 'node:fs/promises';
import type { HostAccess } from '../../agents/access/host-access.ts';
import { hubTargets } from '../../agents/access/ssh/hub-target.ts';
import { openSshAccess, type SshAccess } from '../../agents/access/ssh/index.ts';
import type { Agent } from '../../agents/report/index.ts';
import { startReading } from '../../lib/hub/ssh/reading.ts';
import { readPush } from '../../lib/protocol/index.ts';
import { answerParent } from '../support/child.ts';
import { playedHostId } from '../support/played-host.ts';
import type { PlayedSshHost } from './hosts.ts';

/** What was asked of all hosts together. */
export interface Tally {
  readonly commands: Record<string, number>;
  readonly paths: Record<string, number>;
}

export interface Figures {
  /** CPU of this process. */
  readonly cpuMicros: number;
  readonly reports: number;
  /** Reports that came more than an interval late. */
  readonly late: number;
  /** Hosts whose connection is gone. */
  readonly cut: number;
  /** Hosts of which a report with GPUs has come. */
  readonly reporting: number;
  readonly tally: Tally;
}

interface Open {
  readonly access: SshAccess;
  readonly agent: Agent;
}

const open: Open[] = [];
let reports = 0;
let late = 0;
let cut = 0;
const reporting = new Set<string>();
let counts: Tally = { commands: {}, paths: {} };

const add = (into: Record<string, number>, what: string): void => {
  into[what] = (into[what] ?? 0) + 1;
};

const counting = (access: HostAccess): HostAccess => ({
  ...access,
  run(command, options) {
    add(counts.commands, command.join(' '));
    return access.run(command, options);
  },
  readFile(path, options) {
    add(counts.paths, path);
    return access.readFile(path, options);
  },
  listFolder(path, options) {
    add(counts.paths, path);
    return access.listFolder(path, options);
  },
});

/** What the hub answers, once it has checked what was read as it checks every push. */
function createHubSide(intervalSeconds: number): (body: Buffer) => Promise<{ status: number; body: string }> {
  let lastSeconds: number | null = null;
  return async (body) => {
    const read = readPush(body);
    if (read.outcome !== 'read') throw new Error(`a push is not taken: ${read.detail}`);
    const now = performance.now() / 1000;
    if (lastSeconds !== null && now - lastSeconds > 2 * intervalSeconds) late += 1;
    lastSeconds = now;
    reports += read.value.reports.length;
    if (read.value.reports.some(({ gpus }) => gpus.length > 0)) reporting.add(read.value.host.id);
    const serverTime = new Date().toISOString();
    const accepted = read.value.reports.length;
    return {
      status: 202,
      body: JSON.stringify({ accepted, duplicates: 0, intervalSeconds, serverTime, backlogReports: 1 }),
    };
  };
}

async function openHost(number: number, host: PlayedSshHost, intervalSeconds: number): Promise<void> {
  const { port, user, keyFile, knownHostsFile } = host;
  const targets = await hubTargets({
    address: '127.0.0.1',
    port,
    user,
    jumps: [],
    key: { path: keyFile, passphrase: null },
    knownHosts: await readFile(knownHostsFile, 'utf8'),
  });
  const access = await openSshAccess(targets);
  const agent = startReading(counting(access), await access.hostname(), {
    hostId: playedHostId(number),
    intervalSeconds,
    push: createHubSide(intervalSeconds),
    capture: async () => ({ status: 404, body: '{}' }),
    log: (line) => process.stderr.write(`host ${number}: ${line}\n`),
  });
  const opened = { access, agent };
  open.push(opened);
  void access.disconnected.then(() => {
    if (open.includes(opened)) cut += 1;
  });
}

export const handlers = {
  /** Opens all, at most so many at once; gives the bytes that this process had before. */
  async open({
    hosts,
    intervalSeconds,
    atOnce,
  }: {
    hosts: readonly PlayedSshHost[];
    intervalSeconds: number;
    atOnce: number;
  }): Promise<{ readonly residentBytesBefore: number }> {
    globalThis.gc?.();
    const residentBytesBefore = process.memoryUsage().rss;
    const left = [...hosts.entries()];
    const worker = async (): Promise<void> => {
      for (let next = left.pop(); next !== undefined; next = left.pop())
        await openHost(next[0], next[1], intervalSeconds);
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return { residentBytesBefore };
  },
  async begin(): Promise<void> {
    globalThis.gc?.();
    reports = 0;
    late = 0;
    cut = 0;
    counts = { commands: {}, paths: {} };
  },
  async figures(): Promise<Figures> {
    const { user, system } = process.cpuUsage();
    return { cpuMicros: user + system, reports, late, cut, reporting: reporting.size, tally: counts };
  },
  /** What is resident, garbage apart. */
  async memory(): Promise<number> {
    globalThis.gc?.();
    return process.memoryUsage().rss;
  },
  async close(): Promise<void> {
    const all = open.splice(0);
    await Promise.all(all.map(({ agent }) => agent.stop()));
    await Promise.all(all.map(({ access }) => access.close()));
  },
};

answerParent(handlers, () => handlers.close());
