import type { GpuDetail } from '../../lib/model/index.ts';

/** A number (or word) of a page whose origin can be asked for. */
export type Subject =
  /** A field of a GPU by its dotted name, as in the API and in the raw text. */
  | { readonly kind: 'field'; readonly gpuUuid: string; readonly field: string; readonly label: string }
  /** A fact of the host's software. */
  | { readonly kind: 'host'; readonly field: string; readonly label: string }
  /** What is computed from other numbers. */
  | { readonly kind: 'energy' | 'unattributed'; readonly gpuUuid: string; readonly label: string }
  | {
      readonly kind: 'owner';
      readonly containerId: string;
      /** Null: over all GPUs of the host. */
      readonly gpuUuid: string | null;
      readonly label: string;
    };

const nameOf = (gpu: GpuDetail) => `GPU ${gpu.index ?? '?'}`;

/** A field of a GPU; `words` is what the page calls it. */
export const gpuSubject = (gpu: GpuDetail, field: string, words: string): Subject => ({
  kind: 'field',
  gpuUuid: gpu.uuid ?? '',
  field,
  label: `${words} of ${nameOf(gpu)}`,
});

/** Memory of the MIG device at that position of the GPU's list. */
export const migSubject = (gpu: GpuDetail, position: number, field: 'usedBytes' | 'totalBytes'): Subject =>
  gpuSubject(
    gpu,
    `migDevices.${position}.memory.${field}`,
    `MIG ${gpu.migDevices[position]?.profile ?? position} memory`,
  );

/** What the GPU draws: the field that powerWattsOf() took. */
export function powerSubject(gpu: GpuDetail): Subject {
  const { drawWatts, instantWatts, averageWatts } = gpu.power;
  const field =
    drawWatts === null && instantWatts !== null
      ? 'power.instantWatts'
      : drawWatts === null && averageWatts !== null
        ? 'power.averageWatts'
        : 'power.drawWatts';
  return gpuSubject(gpu, field, 'Power');
}
