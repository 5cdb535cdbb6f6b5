import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { recordedHost } from '../../e2e/integration/support/played-agent.ts';
import { Cleanup, temporaryFolder } from '../../e2e/integration/support/temporary.ts';
import { ensureAgentBuilt } from '../../scripts/ensure-built.ts';
import { type BenchCommand, type BenchResult, compared, figure } from '../bench.ts';
import { startPlayedEngine } from './played-engine.ts';
import { startSink } from './sink.ts';
import { startWatchedAgent, type WatchedAgent } from './watched-agent.ts';

const fullMinutes = 5;
/** Compiling and the first documents are over by then. */
const settleSeconds = 45;
const mebibyte = 2 ** 20;

interface Mode {
  readonly name: string;
  readonly intervalSeconds: number;
  readonly hold: boolean;
}

const modes: readonly Mode[] = [
  { name: '5s', intervalSeconds: 5, hold: true },
  { name: '5s-forked', intervalSeconds: 5, hold: false },
  { name: '1s', intervalSeconds: 1, hold: true },
  { name: '1s-forked', intervalSeconds: 1, hold: false },
];
const bars: Readonly<Record<string, number>> = { '5s': 60, '1s': 200 };

/** What one agent took in each minute. */
interface Taken {
  readonly cpuMillis: number[];
  readonly withChildrenMillis: number[];
  readonly residentMebibytes: number[];
  readonly privateMebibytes: number[];
  readonly pushedKibibytes: number[];
}

const sleep = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, seconds * 1000));

async function startAll(cleanup: Cleanup, modes: readonly Mode[]) {
  await ensureAgentBuilt();
  const recording = recordedHost('h100x8');
  const folder = temporaryFolder(cleanup, 'bench');
  const dockerSocket = join(folder, 'docker.sock');
  cleanup.add(await startPlayedEngine(recording, dockerSocket));
  const sink = await startSink(
    Object.fromEntries(modes.map(({ name, intervalSeconds }) => [name, intervalSeconds])),
  );
  cleanup.add(sink.close);
  const sleepers = Array.from({ length: 8 }, () => spawn('sleep', ['100000'], { stdio: 'ignore' }));
  cleanup.add(() => {
    for (const sleeper of sleepers) sleeper.kill();
  });
  const pids = sleepers.flatMap(({ pid }) => pid ?? []);
  const agents: WatchedAgent[] = [];
  for (const mode of modes)
    agents.push(await startWatchedAgent(cleanup, { ...mode, folder, recording, dockerSocket, pids, sink }));
  return { agents, sink };
}

async function measure(modes: readonly Mode[], minutes: number): Promise<ReadonlyMap<string, Taken>> {
  const cleanup = new Cleanup();
  try {
    const { agents, sink } = await startAll(cleanup, modes);
    await sleep(settleSeconds);
    const taken = new Map<string, Taken>();
    for (const { name } of agents)
      taken.set(name, {
        cpuMillis: [],
        withChildrenMillis: [],
        residentMebibytes: [],
        privateMebibytes: [],
        pushedKibibytes: [],
      });
    const look = () =>
      new Map(
        agents.map((agent) => [agent.name, { ...agent.seconds(), pushed: sink.pushedBytes(agent.name) }]),
      );
    for (let minute = 0; minute < minutes; minute++) {
      const before = look();
      await sleep(60);
      const after = look();
      for (const agent of agents) {
        const [from, to] = [before.get(agent.name), after.get(agent.name)];
        const into = taken.get(agent.name);
        if (from === undefined || to === undefined || into === undefined) continue;
        into.cpuMillis.push((to.own - from.own) * 1000);
        into.withChildrenMillis.push((to.withChildren - from.withChildren) * 1000);
        into.pushedKibibytes.push((to.pushed - from.pushed) / 1024);
        const { residentBytes, privateBytes } = agent.memory();
        into.residentMebibytes.push(residentBytes / mebibyte);
        into.privateMebibytes.push(privateBytes / mebibyte);
      }
    }
    return taken;
  } finally {
    await cleanup.run();
  }
}

function figuresOf(name: string, ours: Taken, forked: Taken): BenchResult[] {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const pushed = `${mean(ours.pushedKibibytes).toFixed(0)} KiB pushed a minute`;
  const note = `eight GPUs, every collector on, from the bundle; ${pushed}`;
  const at = (what: string) => `agent/${what}-${name}`;
  return [
    figure(
      { name: at('cpu'), unit: 'milliseconds of CPU a minute', bar: bars[name] ?? 0, note },
      ours.cpuMillis,
    ),
    figure({ name: at('resident'), unit: 'MiB', bar: 80 }, ours.residentMebibytes),
    figure({ name: at('private'), unit: 'MiB', bar: 30 }, ours.privateMebibytes),
    compared(
      { name: at('with-children'), unit: 'milliseconds of CPU a minute', bar: 2 },
      ours.withChildrenMillis,
      { what: 'forked for each sample', values: forked.withChildrenMillis },
    ),
  ];
}

/** What the agent takes from the machine that it watches, beside the fork-per-sample way of doing the same. */
export const agent: BenchCommand = {
  name: 'agent',
  async run({ minutes }) {
    const rounds = Math.max(1, Math.round(minutes ?? fullMinutes));
    // In turn: a program that is started each second takes caches and cores from all that is measured beside it.
    const held = await measure(
      modes.filter(({ hold }) => hold),
      rounds,
    );
    const forkedWay = await measure(
      modes.filter(({ hold }) => !hold),
      rounds,
    );
    const taken = new Map([...held, ...forkedWay]);
    return ['5s', '1s'].flatMap((name) => {
      const [ours, forked] = [taken.get(name), taken.get(`${name}-forked`)];
      return ours === undefined || forked === undefined ? [] : figuresOf(name, ours, forked);
    });
  },
};
