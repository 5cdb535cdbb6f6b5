import { ofIssues } from './stack-issue.ts';

/** Seen before nvidia-smi breaks: an unattended upgrade is found while programs still run. */
export const pendingMismatch = ofIssues(
  {
    name: 'pending-mismatch',
    severity: 'critical',
    watches: 'The driver library or module on disk is of another version than the module that runs.',
    afterSeconds: () => 600,
    cleared: 'module and library are of one version',
  },
  ['pending-mismatch', 'library-mismatch'],
  'Driver upgraded beneath its loaded module',
);
