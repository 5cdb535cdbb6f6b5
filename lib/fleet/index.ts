export * from './fleet.ts';
export * from './report-time.ts';
export { gpuKey, powerWattsOf } from './views.ts';
