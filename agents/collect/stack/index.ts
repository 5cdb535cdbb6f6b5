import type { HostStack, RawFields } from '../../../lib/model/index.ts';
import type { HostAccess } from '../../access/host-access.ts';
import { deferred } from '../../deferred.ts';
import { createPacer } from '../pacer.ts';
import type { Source } from '../source.ts';
import { osReleaseReader } from './os-release.ts';
import {
  type DriverFacts,
  driverVersionPath,
  machineOf,
  readDriver,
  readSystem,
  readToolkit,
  type SystemFacts,
  type ToolkitFacts,
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
  /** Resolves when everything was asked once. */
  readonly ready: Promise<void>;
  /** The lines behind the facts, by their names. */
  readonly raw: RawFields;
  stop(): Promise<void>;
}

const intervalSeconds = 60;
/** Each look starts a program; only an installation changes what it says. */
const toolkitSeconds = 600;
const noSystem: SystemFacts = {
  kernelVersion: null,
  osName: null,
  architecture: null,
  bootedAt: null,
  printed: {},
};
const noDriver: DriverFacts = { version: null, flavour: null, printed: '' };

/** The software stack, once a minute and when the driver changed; the toolkit's program every ten. */
export function createStack(options: StackOptions): Stack {
  const { access, driverSource, toolkitSource, systemSource } = options;
  let driver = noDriver;
  let toolkit: ToolkitFacts | null = null;
  let system = noSystem;
  let asked = false;
  const ready = deferred<void>();
  const machine = machineOf(access);
  const release = osReleaseReader();
  const toolkitPacer = createPacer(async () => {
    const now = await toolkitSource.measure(toolkitCommand.join(' '), () => readToolkit(access));
    toolkit = now.state === 'ok' ? now.value : null;
    return toolkitSeconds;
  });
  const pacer = createPacer(async () => {
    const [driverNow, systemNow] = await Promise.all([
      driverSource.measure(driverVersionPath, () => readDriver(access)),
      systemSource.measure('/etc/os-release', () => readSystem(access, machine, release)),
    ]);
    const before = driver.version;
    driver = driverNow.state === 'ok' ? driverNow.value : noDriver;
    system = systemNow.state === 'ok' ? systemNow.value : noSystem;
    if (asked && driver.version !== before) {
      toolkitPacer.hurry(0);
      options.onDriverChange();
    }
    asked = true;
    return intervalSeconds;
  });
  return {
    start: () => Promise.all([pacer.start(), toolkitPacer.start()]).then(() => ready.resolve()),
    refresh() {
      pacer.hurry(0);
      toolkitPacer.hurry(0);
    },
    ready: ready.promise,
    get facts() {
      return {
        kernelDriverVersion: driver.version,
        kernelModuleFlavour: driver.flavour,
        containerToolkitVersion: toolkit?.version ?? null,
        kernelVersion: system.kernelVersion,
        osName: system.osName,
        architecture: system.architecture,
        bootedAt: system.bootedAt,
      };
    },
    get raw() {
      return rawOf(driver, toolkit, system);
    },
    stop: () => Promise.all([pacer.stop(), toolkitPacer.stop()]).then(() => undefined),
  };
}

function rawOf(driver: DriverFacts, toolkit: ToolkitFacts | null, { printed }: SystemFacts): RawFields {
  const module = { form: 'file', name: driverVersionPath, text: driver.printed } as const;
  const program = { form: 'command', name: toolkitCommand.join(' '), text: toolkit?.printed ?? '' } as const;
  const all = {
    kernelDriverVersion: module,
    kernelModuleFlavour: module,
    containerToolkitVersion: program,
    ...printed,
  };
  return Object.fromEntries(Object.entries(all).filter(([, { text }]) => text !== ''));
}
