export type { KnownRules } from './alert-section.ts';
export * from './fleet-file.ts';
