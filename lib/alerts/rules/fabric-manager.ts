import { ofIssues } from './stack-issue.ts';

export const fabricManager = ofIssues(
  {
    name: 'fabric-manager',
    severity: 'critical',
    watches: 'The fabric manager is of another version than the driver.',
    afterSeconds: () => 600,
    cleared: 'fabric manager and driver are of one version',
  },
  ['fabric-manager'],
  'Fabric manager of another version than the driver',
);
