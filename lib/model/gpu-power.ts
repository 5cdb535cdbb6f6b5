import type { GpuPower } from './gpu.ts';

/** What a GPU draws: the driver's own number; from R530 on some cards tell only the instant or the average. */
export const powerWattsOf = ({ power }: { readonly power: GpuPower }): number | null =>
  power.drawWatts ?? power.instantWatts ?? power.averageWatts;
