export { type DiskSpoolOptions, openDiskSpool } from './disk-spool.ts';
export { createMemorySpool } from './memory-spool.ts';
export type { Spool, SpoolEntry, SpoolStats } from './spool.ts';
