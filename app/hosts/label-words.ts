import type { LabelSource } from '../../lib/model/index.ts';

/** Where a label comes from, for a person. */
export const labelSourceWords: Readonly<Record<LabelSource, string>> = {
  agent: 'agent --label',
  'labels-file': 'labels.yaml on the host',
  kubernetes: 'Kubernetes node',
  slurm: 'Slurm partitions',
  hub: 'this hub',
  'fleet-file': 'fleet file',
};
