export { facetAdvice } from './advice.ts';
export { readFacets } from './facets.ts';
export { groupChanges } from './group-changes.ts';
export { agreeingRatio, inferBaseline, leastTelling } from './infer.ts';
export { groupIssues, issuesOf } from './issues.ts';
export { type BaselineOf, judgeHost, strongest } from './judge.ts';
export type { StackKnowledge } from './knowledge.ts';
export { matrixOf } from './matrix.ts';
export type { ReportedStack } from './reading.ts';
