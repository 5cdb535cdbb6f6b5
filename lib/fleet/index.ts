export * from './fleet.ts';
export * from './report-time.ts';
