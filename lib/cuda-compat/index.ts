export { type CompatData, compatData } from './data/index.ts';
export type { BranchRow } from './data/rows.ts';
export { applyFix } from './fixes.ts';
export { containerOfEnvironment, withoutObserved } from './image-environment.ts';
export { judge } from './judge.ts';
export { capabilityOfPciDevice } from './pci.ts';
export { oldestDriver, type PlanHost, type PlanOptions, planUpgrade } from './plan.ts';
export {
  faultsOf,
  faultText,
  parseRequirement,
  printRequirement,
  type Requirement,
} from './requirements.ts';
export { branchSupport, driverFloor, driverVulnerabilities, toolkitVulnerabilities } from './security.ts';
export { type SiteTables, withSiteRows } from './site-rows.ts';
export { compareVersions, isAtLeast, majorMinorOf, majorOf, versionNumbers } from './versions.ts';
