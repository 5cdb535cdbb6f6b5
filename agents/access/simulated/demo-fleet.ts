import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HubTrust, Log } from '../../report/index.ts';
import { type DemoHost, demoHosts } from './demo-hosts.ts';
import { ownRecording } from './own-recordings.ts';
import { type SimulatedAgent, startSimulatedAgent } from './simulated-agent.ts';

export interface DemoFleetOptions {
  readonly hubUrl: string;
  /** An enrolment token. */
  readonly token: string;
  readonly trust?: HubTrust;
  /** 5 unless told. */
  readonly intervalSeconds?: number;
  /** When the later faults begin; 30 unless told. */
  readonly faultAfterSeconds?: number;
  /** Keeps the hosts' identities from one start to the next; unless told, a temporary folder that goes with the fleet. */
  readonly stateFolder?: string;
  /** Ends the fleet. */
  readonly signal?: AbortSignal;
  readonly log?: Log;
}

export interface DemoFleet {
  readonly hostnames: readonly string[];
  /** Ends all agents; at most some seconds. */
  stop(): Promise<void>;
}

const faultAfterSeconds = 30;

interface Member {
  stop(): Promise<void>;
}

/** Starts and ends one host's agent by turns. Starting anew is what it does that can fail, and that is said in the log. */
function startComingAndGoing(
  start: () => SimulatedAgent,
  times: NonNullable<DemoHost['comesAndGoes']>,
  log: Log,
): Member {
  let agent: SimulatedAgent | null = start();
  let stopped = false;
  let turning: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout;
  const turn = async (): Promise<void> => {
    if (agent === null) {
      agent = start();
    } else {
      await agent.stop();
      agent = null;
    }
    if (!stopped) schedule();
  };
  const schedule = (): void => {
    const seconds = agent === null ? times.awaySeconds : times.reportingSeconds;
    timer = setTimeout(() => {
      turning = turn().catch((error: unknown) => log(error instanceof Error ? error.message : String(error)));
    }, seconds * 1000);
  };
  schedule();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await turning;
      clearTimeout(timer);
      await agent?.stop();
    },
  };
}

/** Lets a host's later fault befall it while it runs. */
function befall(agent: SimulatedAgent, fault: NonNullable<DemoHost['laterFault']>, seconds: number): Member {
  const timer = setTimeout(() => agent.access.setFault(fault), seconds * 1000);
  return {
    stop() {
      clearTimeout(timer);
      return agent.stop();
    },
  };
}

async function startHost(host: DemoHost, folder: string, options: DemoFleetOptions): Promise<Member> {
  const recording = await ownRecording(host.recording);
  const log: Log = (line) => options.log?.(`${host.hostname}: ${line}`);
  const start = (): SimulatedAgent =>
    startSimulatedAgent({
      examine: true,
      recording,
      hostname: host.hostname,
      labels: host.labels,
      ...(host.settings === undefined ? {} : { settings: host.settings }),
      intervalSeconds: options.intervalSeconds ?? 5,
      hubUrl: options.hubUrl,
      trust: options.trust ?? { kind: 'system' },
      readToken: () => options.token,
      stateFolder: join(folder, host.hostname),
      log,
    });
  if (host.comesAndGoes !== undefined) return startComingAndGoing(start, host.comesAndGoes, log);
  if (host.laterFault === undefined) return start();
  return befall(start(), host.laterFault, options.faultAfterSeconds ?? faultAfterSeconds);
}

/** The twelve hosts of the demo, through the real collector, agent and wire. Rejects when a folder cannot be used. */
export async function startDemoFleet(options: DemoFleetOptions): Promise<DemoFleet> {
  const temporary =
    options.stateFolder === undefined ? await mkdtemp(join(tmpdir(), 'gpufleet-demo-')) : null;
  const folder = options.stateFolder ?? temporary ?? tmpdir();
  const members: Member[] = [];
  let stopping: Promise<void> | null = null;
  const end = async (): Promise<void> => {
    await Promise.all(members.map((member) => member.stop()));
    if (temporary !== null) await rm(temporary, { recursive: true, force: true });
  };
  const stop = (): Promise<void> => {
    stopping ??= end();
    return stopping;
  };
  try {
    for (const host of demoHosts) members.push(await startHost(host, folder, options));
  } catch (error) {
    await stop();
    throw error;
  }
  if (options.signal?.aborted === true) await stop();
  else options.signal?.addEventListener('abort', () => void stop(), { once: true });
  return { hostnames: demoHosts.map(({ hostname }) => hostname), stop };
}
