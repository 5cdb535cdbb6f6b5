import type { HostStack } from '../../../lib/model/index.ts';
import type { HostAccess } from '../../access/host-access.ts';
import { createPacer } from '../pacer.ts';
import type { Source } from '../source.ts';
import {
  type DriverFacts,
  driverVersionPath,
  readDriver,
  readSystem,
  readToolkit,
  type SystemFacts,
  toolkitCommand,
} from './read.ts';

export interface StackOptions {
  readonly access: HostAccess;
  readonly driverSource: Source;
  readonly toolkitSource: Source;
  readonly systemSource: Source;
  /** Another kernel module is loaded than a minute ago. */
  readonly onDriverChange: () => void;
}

/** What comes from elsewhere: nvidia-smi's own words and the engine's. */
export type StackFacts = Omit<HostStack, 'driverVersion' | 'cudaVersion' | 'dockerVersion'>;

export interface Stack {
  start(): Promise<void>;
  refresh(): void;
  readonly facts: StackFacts;
  stop(): Promise<void>;
}

const intervalSeconds = 60;
const noSystem: SystemFacts = { kernelVersion: null, osName: null, architecture: null, bootedAt: null };

/** The software stack, once a minute and when the driver changed. */
export function createStack(options: StackOptions): Stack {
  const { access, driverSource, toolkitSource, systemSource } = options;
  let driver: DriverFacts = { version: null, flavour: null };
  let containerToolkitVersion: string | null = null;
  let system = noSystem;
  let asked = false;
  const pacer = createPacer(async () => {
    const [driverNow, toolkitNow, systemNow] = await Promise.all([
      driverSource.measure(driverVersionPath, () => readDriver(access)),
      toolkitSource.measure(toolkitCommand.join(' '), () => readToolkit(access)),
      systemSource.measure('/etc/os-release', () => readSystem(access)),
    ]);
    const before = driver.version;
    driver = driverNow.state === 'ok' ? driverNow.value : { version: null, flavour: null };
    containerToolkitVersion = toolkitNow.state === 'ok' ? toolkitNow.value : null;
    system = systemNow.state === 'ok' ? systemNow.value : noSystem;
    if (asked && driver.version !== before) options.onDriverChange();
    asked = true;
    return intervalSeconds;
  });
  return {
    start: () => pacer.start(),
    refresh: () => pacer.hurry(0),
    get facts() {
      return {
        kernelDriverVersion: driver.version,
        kernelModuleFlavour: driver.flavour,
        containerToolkitVersion,
        ...system,
      };
    },
    stop: () => pacer.stop(),
  };
}
