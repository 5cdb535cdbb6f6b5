import type { PciGpu } from '../../../lib/model/index.ts';
import type { HostAccess } from '../../access/host-access.ts';
import type { Clock } from '../clock.ts';
import { createPacer } from '../pacer.ts';
import type { Source } from '../source.ts';
import { createPciReader, pciPath } from './read.ts';

export interface PciOptions {
  readonly access: HostAccess;
  readonly clock: Clock;
  readonly source: Source;
  /** While it is true the bus is read every few seconds. */
  readonly mayChange: () => boolean;
  /** GPUs came or went, or have another driver or power state than before. */
  readonly onChange: (reading: PciReading | null) => void;
}

export interface PciReading {
  readonly gpus: readonly PciGpu[];
  /** Monotonic; since when the bus holds just these. */
  readonly sinceSeconds: number;
}

export interface Pci {
  /** Resolves after the first reading. */
  start(): Promise<void>;
  /** Reads the bus now. */
  look(): Promise<void>;
  /** Reads it soon: something says that it changed. */
  refresh(): void;
  /** Null where the bus cannot be read. */
  readonly reading: PciReading | null;
  stop(): Promise<void>;
}

const intervalSeconds = 60;
/** While a GPU sleeps: nothing else tells that it was woken. */
const asleepIntervalSeconds = 5;
const hurriedSeconds = 1;

/** The PCI bus, once a minute and when something changed: what is plugged in, whatever nvidia-smi says. */
export function createPci({ access, clock, source, mayChange, onChange }: PciOptions): Pci {
  const reader = createPciReader(access);
  let reading: PciReading | null = null;
  let printed: string | null = null;
  const secondsToNext = (): number =>
    mayChange() || reading?.gpus.some(({ powerStatus }) => powerStatus === 'suspended') === true
      ? asleepIntervalSeconds
      : intervalSeconds;
  const pacer = createPacer(async () => {
    const outcome = await source.measure(pciPath, () => reader.read());
    const now = JSON.stringify(outcome.state === 'ok' ? outcome.value : null);
    if (now === printed) return secondsToNext();
    printed = now;
    reading = outcome.state === 'ok' ? { gpus: outcome.value, sinceSeconds: clock.monotonicSeconds() } : null;
    onChange(reading);
    return secondsToNext();
  });
  return {
    start: () => pacer.start(),
    look: () => pacer.start(),
    refresh: () => pacer.hurry(hurriedSeconds),
    get reading() {
      return reading;
    },
    stop: () => pacer.stop(),
  };
}
