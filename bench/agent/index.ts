import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { recordedHost } from '../../e2e/integration/support/played-agent.ts';
import { Cleanup, temporaryFolder } from '../../e2e/integration/support/temporary.ts';
import { ensureAgentBuilt } from '../../scripts/ensure-built.ts';
import { type BenchCommand, type BenchResult, compared, figure } from '../bench.ts';
import { startPlayedEngine } from './played-engine.ts';
import { type Sink, startSink } from './sink.ts';
import { startWatchedAgent, type WatchedAgent } from './watched-agent.ts';

const fullMinutes = 5;
/** Compiling and the first documents are over by then. */
const settleSeconds = 45;
/** A stream that is started again has given its first samples, and what was paused has ended. */
const turnSeconds = 15;
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

const emptyTaken = (): Taken => ({
  cpuMillis: [],
  withChildrenMillis: [],
  residentMebibytes: [],
  privateMebibytes: [],
  pushedKibibytes: [],
});

/** One minute of the agents of one way, while those of the other are paused. */
async function takeTurn(turn: readonly WatchedAgent[], others: readonly WatchedAgent[], sink: Sink) {
  for (const agent of others) await agent.pause();
  for (const agent of turn) await agent.resume();
  await sleep(turnSeconds);
  const look = (agent: WatchedAgent) => ({ ...agent.seconds(), pushedBytes: sink.pushedBytes(agent.name) });
  const before = turn.map(look);
  await sleep(60);
  return turn.map((agent, at) => {
    const to = look(agent);
    const from = before[at] ?? to;
    return {
      name: agent.name,
      pushedKibibytes: (to.pushedBytes - from.pushedBytes) / 1024,
      cpuMillis: (to.own - from.own) * 1000,
      withChildrenMillis: (to.withChildren - from.withChildren) * 1000,
      memory: agent.memory(),
    };
  });
}

/** The two ways minute by minute in turn, so that a busy machine troubles both alike and neither troubles the other. */
async function measure(minutes: number): Promise<ReadonlyMap<string, Taken>> {
  const cleanup = new Cleanup();
  try {
    const { agents, sink } = await startAll(cleanup, modes);
    await sleep(settleSeconds);
    // What is started from now on is known, so that no program of Node plays it.
    for (const each of agents) await each.pause();
    const taken = new Map(agents.map(({ name }) => [name, emptyTaken()]));
    const isHeld = ({ name }: WatchedAgent) => modes.some((mode) => mode.name === name && mode.hold);
    const [held, forked] = [agents.filter(isHeld), agents.filter((agent) => !isHeld(agent))];
    for (let turn = 0; turn < 2 * minutes; turn++) {
      const rows = await (turn % 2 === 0 ? takeTurn(held, forked, sink) : takeTurn(forked, held, sink));
      for (const { name, cpuMillis, withChildrenMillis, pushedKibibytes, memory } of rows) {
        const into = taken.get(name);
        if (into === undefined) continue;
        into.cpuMillis.push(cpuMillis);
        into.withChildrenMillis.push(withChildrenMillis);
        into.pushedKibibytes.push(pushedKibibytes);
        into.residentMebibytes.push(memory.residentBytes / mebibyte);
        into.privateMebibytes.push(memory.privateBytes / mebibyte);
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
      {
        name: at('with-children'),
        unit: 'milliseconds of CPU a minute',
        bar: 2,
        note: `the agent alone ${mean(ours.cpuMillis).toFixed(0)}, forking ${mean(forked.cpuMillis).toFixed(0)}; a fork is counted as cat of its answer, which is less than nvidia-smi takes`,
      },
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
    const taken = await measure(rounds);
    return ['5s', '1s'].flatMap((name) => {
      const [ours, forked] = [taken.get(name), taken.get(`${name}-forked`)];
      return ours === undefined || forked === undefined ? [] : figuresOf(name, ours, forked);
    });
  },
};
