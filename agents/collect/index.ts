export { type Clock, systemClock } from './clock.ts';
export { createCollector } from './collector.ts';
export { sampleDeadlineSeconds } from './gpus/stream.ts';
export type { CollectedLabels } from './labels/index.ts';
export type { Collector, CollectorOptions, Snapshot } from './options.ts';
