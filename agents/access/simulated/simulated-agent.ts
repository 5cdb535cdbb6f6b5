import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { takeCapture } from '../../capture/take-capture.ts';
import { createCollector } from '../../collect/index.ts';
import { createDoctorKeeper } from '../../doctor/keeper.ts';
import {
  createAgent,
  createCredentialFile,
  createCredentialMemory,
  createHubClient,
  createMemorySpool,
  type HubTrust,
  type Log,
  openDiskSpool,
  openStateFolder,
} from '../../report/index.ts';
import { createSoftwareKeeper } from '../../software/keeper.ts';
import type { Recording } from '../replay/recording.ts';
import { createSimulatedAccess, type SimulatedAccess } from './index.ts';
import type { PlayerSettingsInput } from './player/control.ts';

export interface SimulatedAgentOptions {
  readonly recording: Recording;
  readonly hostname: string;
  readonly settings?: PlayerSettingsInput;
  readonly labels?: Readonly<Record<string, string>>;
  readonly intervalSeconds: number;
  readonly hubUrl: string;
  readonly trust: HubTrust;
  /** The enrolment token as it is now. */
  readonly readToken: () => string;
  /** Where host id, credential and spool are kept; null keeps them in memory, so that the next start is another host. */
  readonly stateFolder: string | null;
  readonly log: Log;
  /** Runs the doctor too; a thousand hosts in one process do without. */
  readonly examine?: boolean;
  /** Told once: the hub's first answer. */
  readonly onReady?: () => void;
}

export interface SimulatedAgent {
  readonly hostname: string;
  readonly access: SimulatedAccess;
  stop(): Promise<void>;
}

const memorySpoolBytes = 2 * 2 ** 20;
const diskSpoolBytes = 16 * 2 ** 20;

/**
 * A simulated host with the real collector, agent loop and push. Throws ControlError where settings and recording do
 * not fit, StateFolderError where the folder cannot be used.
 */
export function startSimulatedAgent(options: SimulatedAgentOptions): SimulatedAgent {
  const { recording, hostname, settings, hubUrl, stateFolder, intervalSeconds, log } = options;
  const access = createSimulatedAccess({
    recording,
    hostname,
    ...(settings === undefined ? {} : { settings }),
  });
  const state = stateFolder === null ? null : openStateFolder([stateFolder]);
  const client = createHubClient(hubUrl, options.trust);
  const collector = createCollector(access, { intervalSeconds });
  const places = { access, dockerSocketPath: '/var/run/docker.sock' } as const;
  const doctor = options.examine === true ? createDoctorKeeper({ ...places, collector }) : null;
  const agent = createAgent({
    collector,
    ...(doctor === null ? {} : { doctor }),
    software: createSoftwareKeeper({
      ...places,
      collector,
      onChange: () => doctor?.again(),
    }),
    takeCapture: async () => (await takeCapture({ ...places, nvidiaSmiPath: null })).archive,
    host: { id: state?.hostId ?? randomUUID(), hostname, labels: options.labels ?? {} },
    spool:
      state === null
        ? createMemorySpool(memorySpoolBytes)
        : openDiskSpool({ folder: join(state.path, 'spool'), maxBytes: diskSpoolBytes }),
    hub: {
      client,
      credentialStore: state === null ? createCredentialMemory() : createCredentialFile(state.path, hubUrl),
      readToken: options.readToken,
    },
    log,
    code: () => ({ sha256: null, canUpgrade: false, access: null, upgrade: null, isSimulated: true }),
    onReady: () => options.onReady?.(),
  });
  agent.start();
  return {
    hostname,
    access,
    async stop() {
      await agent.stop();
      await access.close();
      client.close();
      state?.release();
    },
  };
}
