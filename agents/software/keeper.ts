import type { HostSoftware } from '../../lib/model/index.ts';
import type { HostAccess } from '../access/host-access.ts';
import type { GpuSoftware } from '../collect/gpus/software.ts';
import type { Collector, Snapshot } from '../collect/index.ts';
import { createPacer } from '../collect/pacer.ts';
import { readModule } from '../doctor/driver-facts.ts';
import { createLibraryWatch } from './library-watch.ts';
import { readSoftware } from './read.ts';

export interface SoftwareKeeper {
  /** Reads for the first time; resolves then. Call it once the collector has read everything once. */
  start(): Promise<void>;
  /** Each reading: another driver, toolkit or state is a reason to read again. */
  note(snapshot: Snapshot): void;
  /** What is to be sent now: null while the hub has it and it was not told for long. */
  due(): HostSoftware | null;
  readonly current: HostSoftware | null;
  /** The hub took a push that carried it. */
  settle(sent: HostSoftware): void;
  /** The hub has none: the next push carries it. */
  resend(): void;
  stop(): Promise<void>;
}

export interface SoftwareKeeperOptions {
  readonly access: HostAccess;
  readonly collector: Pick<
    Collector,
    'snapshot' | 'gpuSoftware' | 'kernelDriverVersion' | 'refreshStack' | 'intervalSeconds'
  >;
  readonly dockerSocketPath: string | null;
  /** Something other than before was read. */
  readonly onChange?: () => void;
}

const intervalSeconds = 3600;
const afterChangeSeconds = 1;
const leastApartSeconds = 5;
/** A hub that was put back from a backup learns it at last by this. */
const resendSeconds = 600;

/**
 * Between two looks at the loaded module and the library on disk, which change before anything else tells. With the
 * second until they are read and one interval until that is sent, a change is told within three intervals of 5 s.
 */
export const watchSecondsOf = (reportSeconds: number): number =>
  Math.min(15, Math.max(5, 1.2 * reportSeconds));

/** What makes it worth reading again; compared one by one, for it is asked at each report. */
const signature = ({ condition, stack, pciGpus }: Snapshot, gpus: GpuSoftware | null): readonly unknown[] => [
  condition,
  stack.kernelDriverVersion,
  stack.driverVersion,
  stack.containerToolkitVersion,
  stack.dockerVersion,
  stack.kernelVersion,
  pciGpus?.length,
  gpus?.gspFirmware,
  gpus?.inforom,
  gpus?.applicationClocks,
];

const isSame = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.every((each, at) => each === b[at]);

const sameFacts = (a: HostSoftware | null, b: HostSoftware): boolean =>
  a !== null && JSON.stringify(a.facts) === JSON.stringify(b.facts);

/** Reads at the start, hourly, when the report tells of a change, and when the driver's library on disk is another. */
export function createSoftwareKeeper(options: SoftwareKeeperOptions): SoftwareKeeper {
  const { access, collector, dockerSocketPath } = options;
  let current: HostSoftware | null = null;
  let seen: readonly unknown[] | null = null;
  let readSeconds = Number.NEGATIVE_INFINITY;
  let settled: HostSoftware | null = null;
  let settledSeconds = Number.NEGATIVE_INFINITY;
  const nowSeconds = (): number => performance.now() / 1000;
  const pacer = createPacer(async () => {
    const gpuSoftware = collector.gpuSoftware();
    seen = signature(collector.snapshot(), gpuSoftware);
    readSeconds = nowSeconds();
    const read = await readSoftware({ access, dockerSocketPath, gpuSoftware });
    const isFirst = current === null;
    if (sameFacts(current, read)) return intervalSeconds;
    current = read;
    if (!isFirst) options.onChange?.();
    return intervalSeconds;
  });
  const readSoon = (): void =>
    pacer.hurry(Math.max(afterChangeSeconds, leastApartSeconds - (nowSeconds() - readSeconds)));
  const libraryWatch = createLibraryWatch(access);
  const watch = createPacer(async () => {
    const [module, library] = await Promise.all([readModule(access), libraryWatch.read()]);
    const loaded = module.state === 'known' ? module.value.version : null;
    if (loaded !== null && loaded !== collector.kernelDriverVersion) collector.refreshStack();
    const told = current?.facts['library']?.value ?? null;
    if (current !== null && library !== told) readSoon();
    return watchSecondsOf(collector.intervalSeconds);
  });
  return {
    async start() {
      await pacer.start();
      await watch.start();
    },
    note(snapshot) {
      if (seen !== null && !isSame(signature(snapshot, collector.gpuSoftware()), seen)) readSoon();
    },
    get current() {
      return current;
    },
    due() {
      const isSettled = current === settled && nowSeconds() - settledSeconds < resendSeconds;
      return isSettled ? null : current;
    },
    settle(sent) {
      settled = sent;
      settledSeconds = nowSeconds();
    },
    resend() {
      settled = null;
    },
    async stop() {
      await Promise.all([pacer.stop(), watch.stop()]);
    },
  };
}
