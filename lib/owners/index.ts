export { gpuAccounting } from './accounting.ts';
export { grantFindings } from './findings.ts';
export { resolveGrant } from './grant.ts';
export { type LookedUp, type OwnerPlace, ownerPlace } from './keys.ts';
export { type PersonFacts, personOf } from './person.ts';
export { usesByOwner } from './uses.ts';
