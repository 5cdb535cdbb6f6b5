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

/** What makes it worth looking again: the host is in another state, or another driver is loaded. */
function signature({ condition, failure, stack, gpus }: Snapshot): string {
  const states = gpus.map(({ uuid, state }) => `${uuid} ${state}`);
  return JSON.stringify([condition, failure?.code, stack.kernelDriverVersion, stack.driverVersion, states]);
}

/** Looks at the start, hourly, and when something fails or comes back. */
export function createDoctorKeeper({ access, collector, dockerSocketPath }: KeeperOptions): DoctorKeeper {
  let current: Diagnosis | null = null;
  let seen: string | null = null;
  let lookedSeconds = Number.NEGATIVE_INFINITY;
  const pacer = createPacer(async () => {
    const snapshot = collector.snapshot();
    seen = signature(snapshot);
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
      if (seen !== null && signature(snapshot) !== seen) again();
    },
    get current() {
      return current;
    },
    stop: () => pacer.stop(),
  };
}
