import { fromFault, type HostRule } from '../host-rule.ts';

const keys = ['throttle:hw_thermal_slowdown', 'throttle:sw_thermal_slowdown'];

export const thermalSlowdown: HostRule = {
  name: 'thermal-slowdown',
  severity: 'warning',
  watches: 'Heat holds a GPU’s clocks down.',
  afterSeconds: 300,
  clearSeconds: 300,
  cleared: 'heat holds its clocks down no longer',
  needs: 'numbers',
  find(host, { severity }) {
    const whyItMatters = 'Work on it is slower, and so is all work that waits for it on other GPUs.';
    const hot = host.faults.filter(({ key }) => keys.includes(key));
    // Both at once are one matter, told by the worse.
    const worst = Map.groupBy(hot, ({ gpuUuid, pciBusId }) => gpuUuid ?? pciBusId);
    return [...worst.values()].flatMap((own) => {
      const fault = own.find(({ key }) => key === keys[0]) ?? own[0];
      return fault === undefined ? [] : [fromFault(host, fault, { severity, whyItMatters })];
    });
  },
};
