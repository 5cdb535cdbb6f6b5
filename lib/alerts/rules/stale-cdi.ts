import { ofIssues } from './stack-issue.ts';

export const staleCdi = ofIssues(
  {
    name: 'stale-cdi',
    severity: 'warning',
    watches: 'A CDI spec was made for another driver than the one that runs.',
    afterSeconds: () => 600,
    cleared: 'the CDI spec is of the driver that runs',
  },
  ['stale-cdi'],
  'CDI spec of another driver',
);
