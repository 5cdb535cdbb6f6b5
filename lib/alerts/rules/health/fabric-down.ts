import { fromFault, type HostRule } from '../host-rule.ts';

export const fabricDown: HostRule = {
  name: 'fabric-down',
  severity: 'critical',
  watches: 'A GPU is not in the NVLink fabric of its system.',
  afterSeconds: 300,
  cleared: 'the GPU is in the fabric',
  needs: 'numbers',
  find: (host, { severity }) =>
    host.faults
      .filter(({ kind }) => kind === 'fabric')
      .map((fault) =>
        fromFault(host, fault, {
          severity,
          whyItMatters: 'CUDA does not start on it: every program fails with "system not yet initialized".',
        }),
      ),
};
