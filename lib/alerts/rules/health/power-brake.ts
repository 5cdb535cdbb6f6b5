import { fromFault, type HostRule } from '../host-rule.ts';

export const powerBrake: HostRule = {
  name: 'power-brake',
  severity: 'critical',
  watches: 'The board’s power brake holds a GPU’s clocks down.',
  afterSeconds: 60,
  clearSeconds: 300,
  cleared: 'the power brake is released',
  needs: 'numbers',
  find: (host, { severity }) =>
    host.faults
      .filter(({ key }) => key === 'throttle:hw_power_brake_slowdown')
      .map((fault) =>
        fromFault(host, fault, {
          severity,
          whyItMatters:
            'The supply cannot feed it: clocks fall to half or less, and a whole rack may be next.',
        }),
      ),
};
