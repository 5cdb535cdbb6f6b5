import type { PciGpu } from '../../../lib/model/index.ts';
import type { SmiDocument } from '../../../lib/nvidia-smi/index.ts';
import type { HostAccess } from '../../access/host-access.ts';
import type { Clock } from '../clock.ts';
import { pciPath } from '../pci/read.ts';
import type { Pauses } from './index.ts';

/** Keeps away from GPUs that sleep, and lets idle ones fall asleep. */
export interface SleepWatch {
  /** What the PCI bus says now. */
  noteBus(gpus: readonly PciGpu[]): void;
  /** A document that was just read. */
  noteDocument(document: SmiDocument): Promise<void>;
}

export interface SleepWatchOptions {
  readonly access: Pick<HostAccess, 'readFile'>;
  readonly clock: Clock;
  readonly pauses: () => Pauses;
}

/** So long nothing may use a GPU before it is let go; a document comes once a minute. */
const idleSeconds = 110;
/** A GPU that is let go powers down within seconds; where it does not, something else holds it. */
export const letGoSeconds = 30;
/** Between two tries, so that GPUs that stay awake are read nearly all of the time. */
const triesSeconds = 15 * 60;

const fileLimits = { maxBytes: 64, deadlineSeconds: 2 };
const isOurs = ({ driver }: PciGpu): boolean => driver === 'nvidia';

/** All GPUs of the driver are powered down: nvidia-smi would wake them, and drain a laptop's battery. */
export function areAsleep(gpus: readonly PciGpu[]): boolean {
  const ours = gpus.filter(isOurs);
  return ours.length > 0 && ours.every(({ powerStatus }) => powerStatus === 'suspended');
}

/** Nothing runs on them, not even a display, and no daemon keeps the driver in them. */
function areIdle({ gpus }: SmiDocument): boolean {
  return (
    gpus.length > 0 &&
    gpus.every(
      ({ gpu, state }) =>
        state === 'ok' &&
        gpu.processes.length === 0 &&
        gpu.persistenceMode !== true &&
        (gpu.utilization.gpuRatio ?? 0) === 0,
    )
  );
}

export function createSleepWatch({ access, clock, pauses }: SleepWatchOptions): SleepWatch {
  let bus: readonly PciGpu[] = [];
  let idleSince: number | null = null;
  let triedAt = Number.NEGATIVE_INFINITY;
  /** As the kernel is told: `auto` where the device may power down, `on` on most servers. */
  const mayPowerDown = async ({ busId }: PciGpu): Promise<boolean> => {
    const file = await access.readFile(`${pciPath}/${busId}/power/control`, fileLimits);
    return file.outcome === 'read' && file.text.trim() === 'auto';
  };
  const mayAll = async (): Promise<boolean> => {
    const ours = bus.filter(isOurs);
    return ours.length > 0 && (await Promise.all(ours.map(mayPowerDown))).every(Boolean);
  };
  const keepAway = (): void => {
    const held = pauses().of('asleep');
    if (held !== null && held.until === null) return;
    const count = bus.filter(isOurs).length;
    const reason = count === 1 ? 'GPU asleep' : `all ${count} GPUs asleep`;
    void pauses().pause({ kind: 'asleep', forSeconds: null, by: null, reason });
  };
  return {
    noteBus(gpus) {
      bus = gpus;
      if (areAsleep(gpus)) keepAway();
      // While it is let go it may still be on its way down.
      else if (pauses().of('asleep')?.until === null) pauses().end('asleep');
    },
    async noteDocument(document) {
      const now = clock.monotonicSeconds();
      if (!areIdle(document)) idleSince = null;
      else idleSince ??= now;
      if (idleSince === null || now - idleSince < idleSeconds || now - triedAt < triesSeconds) return;
      if (!(await mayAll())) return;
      triedAt = now;
      idleSince = null;
      const reason = 'GPU idle, let go so that it can power down';
      void pauses().pause({ kind: 'asleep', forSeconds: letGoSeconds, by: null, reason });
    },
  };
}
