export * from './number.ts';
export * from './units.ts';
