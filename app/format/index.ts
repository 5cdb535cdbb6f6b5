export * from './browser.ts';
export * from './number.ts';
export * from './time.ts';
export * from './units.ts';
