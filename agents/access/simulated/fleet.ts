import type { HubTrust, Log } from '../../report/index.ts';
import { ownRecording, ownRecordingNames } from './own-recordings.ts';
import type { Fault, PlayerSettingsInput } from './player/control.ts';
import { type SimulatedAgent, startSimulatedAgent } from './simulated-agent.ts';

/** In one process with so many hosts the doctor's reads would be most of the work. */
const mostExamined = 100;

export interface FleetOptions {
  readonly hubUrl: string;
  readonly trust: HubTrust;
  readonly readToken: () => string;
  readonly hosts: number;
  readonly gpusPerHost: number;
  readonly intervalSeconds: number;
  readonly seed: number;
  /** One host each, from the first. */
  readonly faults: readonly Fault[];
  readonly log: Log;
  /** Told as the hub answers each host for the first time. */
  readonly onReady: (readyHosts: number) => void;
}

export interface Fleet {
  readonly agents: readonly SimulatedAgent[];
  stop(): Promise<void>;
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

const hostnameOf = (index: number, hosts: number): string =>
  `sim-${String(index + 1).padStart(Math.max(3, String(hosts).length), '0')}`;

/**
 * Starts simulated hosts over one interval, so that their reports are spread as those of a real fleet are.
 * @param cancelled asked between two starts
 */
export async function startFleet(options: FleetOptions, cancelled: () => boolean): Promise<Fleet> {
  const agents: SimulatedAgent[] = [];
  let ready = 0;
  const stop = async (): Promise<void> => {
    await Promise.all(agents.map((agent) => agent.stop()));
  };
  for (let index = 0; index < options.hosts && !cancelled(); index += 1) {
    const hostname = hostnameOf(index, options.hosts);
    const name = ownRecordingNames[index % ownRecordingNames.length] ?? 'h100x8-mig';
    const settings: PlayerSettingsInput = {
      seed: options.seed,
      identity: `${options.seed}/${hostname}`,
      gpuCount: options.gpusPerHost,
      fault: options.faults[index] ?? null,
    };
    agents.push(
      startSimulatedAgent({
        recording: await ownRecording(name),
        hostname,
        settings,
        intervalSeconds: options.intervalSeconds,
        hubUrl: options.hubUrl,
        trust: options.trust,
        readToken: options.readToken,
        stateFolder: null,
        examine: options.hosts <= mostExamined,
        log: (line) => options.log(`${hostname}: ${line}`),
        onReady: () => {
          ready += 1;
          options.onReady(ready);
        },
      }),
    );
    await pause((options.intervalSeconds * 1000) / options.hosts);
  }
  return { agents, stop };
}
