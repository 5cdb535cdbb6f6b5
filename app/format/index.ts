export * from '../../lib/format/index.ts';
export * from './browser.ts';
export * from './time.ts';
