import { leadingNumber, type PlayedProcess } from './template.ts';
import { childOf, type XmlElement } from './tree.ts';

const usedBy = (processes: readonly PlayedProcess[]): number =>
  processes.reduce((sum, process) => sum + (process.usedMemoryMiB ?? 0), 0);

export interface SettledMemory {
  readonly usedMiB: number | null;
  readonly freeMiB: number | null;
}

/**
 * Used and free memory of a GPU or MIG device after its processes changed: what belonged to none of them stays, and
 * used, free and reserved still make the total. Unchanged processes leave the recorded numbers, rounding included.
 */
export function settledMemory(
  element: XmlElement,
  recorded: readonly PlayedProcess[],
  played: readonly PlayedProcess[],
): SettledMemory {
  const memory = childOf(element, 'fb_memory_usage');
  const read = (name: string): number | null =>
    memory === null ? null : leadingNumber(childOf(memory, name)?.text);
  const total = read('total');
  const used = read('used');
  if (total === null || used === null) return { usedMiB: used, freeMiB: read('free') };
  const change = usedBy(played) - usedBy(recorded);
  if (change === 0) return { usedMiB: used, freeMiB: read('free') };
  const room = total - (read('reserved') ?? 0);
  const settled = Math.round(Math.min(room, Math.max(0, used + change, usedBy(played))));
  return { usedMiB: settled, freeMiB: room - settled };
}
