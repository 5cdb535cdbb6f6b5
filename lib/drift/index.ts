export { facetAdvice } from './advice.ts';
export {
  type DriverBranch,
  driverBranchesAsOf,
  driverBranchOf,
  isOutOfSupport,
} from './driver-branches.ts';
export { readFacets } from './facets.ts';
export { agreeingRatio, inferBaseline, leastTelling } from './infer.ts';
export { type BaselineOf, judgeHost, strongest } from './judge.ts';
export { matrixOf } from './matrix.ts';
export type { ReportedStack } from './reading.ts';
