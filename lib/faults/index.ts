export type { Finding } from './finding.ts';
export { gpuFindings } from './gpu-findings.ts';
export { type FaultInput, hostFaults } from './host-faults.ts';
export { explainXid, type XidEntry, xidCatalogue } from './xid.ts';
