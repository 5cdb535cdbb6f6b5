export * from './bounds.ts';
export * from './container.ts';
export * from './failure.ts';
export * from './fleet.ts';
export * from './fleet-totals.ts';
export * from './gpu.ts';
export * from './gpu-power.ts';
export * from './report.ts';
