export { diagnose, doctorChecks } from './diagnose.ts';
export type * from './facts.ts';
export { fabricService, nvidiaControlNode, nvidiaMemoryNode, persistenceService } from './facts.ts';
