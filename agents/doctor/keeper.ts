import type { Diagnosis } from '../../lib/model/index.ts';
import type { HostAccess } from '../access/host-access.ts';
import type { Collector, Snapshot } from '../collect/index.ts';
import { createPacer } from '../collect/pacer.ts';
import { runDoctor } from './index.ts';
import { smiOfReport } from './smi-facts.ts';

export interface DoctorKeeper {
  /** Looks for the first time; resolves then. Call it once the collector has read everything once. */
  start(): Promise<void>;
  /** Each reading: one that fails in another way than the last is a reason to look again. */
  note(snapshot: Snapshot): void;
  /** Something was seen that may be wrong: looks again soon. */
  again(): void;
  readonly current: Diagnosis | null;
  stop(): Promise<void>;
}

export interface KeeperOptions {
  readonly access: HostAccess;
  readonly collector: Pick<Collector, 'snapshot'>;
  readonly dockerSocketPath: string | null;
}

const intervalSeconds = 3600;
/** While a GPU flaps, the doctor does not follow every beat. */
const afterChangeSeconds = 2;
const leastApartSeconds = 30;

type Seen = ReturnType<typeof seenIn>;

/** What makes it worth looking again: the host is in another state, or another driver is loaded. */
const seenIn = ({ condition, failure, stack, gpus }: Snapshot) => ({
  condition,
  code: failure?.code,
  kernel: stack.kernelDriverVersion,
  driver: stack.driverVersion,
  gpus: gpus.map(({ uuid, state }) => ({ uuid, state })),
});

/** Compared one by one, for it is asked at each report. */
const isOther = ({ condition, failure, stack, gpus }: Snapshot, seen: Seen): boolean =>
  condition !== seen.condition ||
  failure?.code !== seen.code ||
  stack.kernelDriverVersion !== seen.kernel ||
  stack.driverVersion !== seen.driver ||
  gpus.length !== seen.gpus.length ||
  gpus.some(({ uuid, state }, at) => uuid !== seen.gpus[at]?.uuid || state !== seen.gpus[at]?.state);

/** Looks at the start, hourly, and when something fails or comes back. */
export function createDoctorKeeper({ access, collector, dockerSocketPath }: KeeperOptions): DoctorKeeper {
  let current: Diagnosis | null = null;
  let seen: Seen | null = null;
  let lookedSeconds = Number.NEGATIVE_INFINITY;
  const pacer = createPacer(async () => {
    const snapshot = collector.snapshot();
    seen = seenIn(snapshot);
    lookedSeconds = performance.now() / 1000;
    current = await runDoctor({
      access,
      dockerSocketPath,
      smi: async () => smiOfReport(snapshot),
      mayOpenDevices: snapshot.condition !== 'paused',
    });
    return intervalSeconds;
  });
  const again = (): void => {
    const sinceSeconds = performance.now() / 1000 - lookedSeconds;
    pacer.hurry(Math.max(afterChangeSeconds, leastApartSeconds - sinceSeconds));
  };
  return {
    start: () => pacer.start(),
    again,
    note(snapshot) {
      if (seen !== null && isOther(snapshot, seen)) again();
    },
    get current() {
      return current;
    },
    stop: () => pacer.stop(),
  };
}
