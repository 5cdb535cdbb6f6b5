export type { KnownRules } from './alert-section.ts';
export * from './fleet-file.ts';
export { expandHostPattern, mostHostsOfPattern } from './host-pattern.ts';
export { type FleetFileAdditions, writeFleetFile } from './write-fleet-file.ts';
