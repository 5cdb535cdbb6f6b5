export { worstFirst } from './attention.ts';
export * from './fleet.ts';
export { createFleet } from './live-fleet.ts';
export * from './report-time.ts';
export { gpuKey } from './views.ts';
