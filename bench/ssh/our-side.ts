import type { HostAccess } from '../../agents/access/host-access.ts';
import { openSshAccess, resolveTargets, type SshAccess } from '../../agents/access/ssh/index.ts';
import { type Collector, createCollector } from '../../agents/collect/index.ts';
import { answerParent } from '../support/child.ts';
import type { PlayedSshHost } from './hosts.ts';

/** What was asked of all hosts together. */
export interface Tally {
  readonly commands: Record<string, number>;
  readonly streams: Record<string, number>;
  readonly paths: Record<string, number>;
}

export interface Figures {
  /** CPU of this process. */
  readonly cpuMicros: number;
  readonly residentBytes: number;
  readonly samples: number;
  /** Samples that came more than a whole interval late, or whose host was cut. */
  readonly late: number;
  readonly tally: Tally;
}

const open: { readonly access: SshAccess; readonly collector: Collector }[] = [];
let samples = 0;
let late = 0;
let counts: Tally = { commands: {}, streams: {}, paths: {} };

const add = (into: Record<string, number>, what: string): void => {
  into[what] = (into[what] ?? 0) + 1;
};

const counting = (access: HostAccess): HostAccess => ({
  ...access,
  run(command, options) {
    add(counts.commands, command.join(' '));
    return access.run(command, options);
  },
  stream(command, options) {
    add(counts.streams, command.join(' '));
    return access.stream(command, options);
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

async function openHost(host: PlayedSshHost, intervalSeconds: number): Promise<void> {
  const { port, user, keyFile, knownHostsFile, nvidiaSmi } = host;
  const targets = await resolveTargets(
    { host: '127.0.0.1', port, user },
    { home: '/nonexistent', user, keyFile, knownHostsFile, passphrase: null, agentSocket: null },
  );
  const access = await openSshAccess(targets);
  const collector = createCollector(counting(access), {
    intervalSeconds,
    nvidiaSmiPath: nvidiaSmi,
    dockerSocketPath: null,
    kernelLog: null,
  });
  let lastSeconds: number | null = null;
  let isClosed = false;
  collector.onSample(() => {
    const now = performance.now() / 1000;
    if (lastSeconds !== null && now - lastSeconds > 2 * intervalSeconds) late += 1;
    lastSeconds = now;
    samples += 1;
    // As the loop of an agent does with each.
    JSON.stringify(collector.snapshot());
  });
  void access.disconnected.then(() => {
    if (!isClosed && open.length > 0) late += 1;
  });
  // Not awaited: what may be limited is how many log in at once.
  void collector.start();
  open.push({
    access: {
      ...access,
      async close() {
        isClosed = true;
        await access.close();
      },
    },
    collector,
  });
}

export const handlers = {
  /** Opens all, at most so many at once; gives the bytes that this process has before and after. */
  async open({
    hosts,
    intervalSeconds,
    atOnce,
  }: {
    hosts: readonly PlayedSshHost[];
    intervalSeconds: number;
    atOnce: number;
  }): Promise<{ readonly before: number; readonly after: number }> {
    globalThis.gc?.();
    const before = process.memoryUsage().rss;
    const left = [...hosts];
    const worker = async (): Promise<void> => {
      for (let host = left.pop(); host !== undefined; host = left.pop())
        await openHost(host, intervalSeconds);
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    globalThis.gc?.();
    return { before, after: process.memoryUsage().rss };
  },
  async begin(): Promise<void> {
    samples = 0;
    late = 0;
    counts = { commands: {}, streams: {}, paths: {} };
  },
  async figures(): Promise<Figures> {
    const { user, system } = process.cpuUsage();
    globalThis.gc?.();
    const residentBytes = process.memoryUsage().rss;
    return { cpuMicros: user + system, residentBytes, samples, late, tally: counts };
  },
  async close(): Promise<void> {
    const all = open.splice(0);
    await Promise.all(all.map(({ collector }) => collector.stop()));
    await Promise.all(all.map(({ access }) => access.close()));
  },
};

answerParent(handlers, () => handlers.close());
