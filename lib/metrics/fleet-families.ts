import type { AlertSeverity } from '../model/index.ts';
import { type Family, label } from './family.ts';

/** How many alerts of one rule fire and are not quiet. */
export interface AlertSeries {
  readonly rule: string;
  readonly severity: AlertSeverity;
  readonly firing: number;
}

export interface FleetFamily extends Pick<Family, 'name' | 'help' | 'type' | 'unit' | 'labels'> {
  readonly series: (alerts: readonly AlertSeries[]) => readonly { labels: string; value: number }[];
}

/** What is told of the fleet as a whole, and of no host. */
export const fleetFamilies: readonly FleetFamily[] = [
  {
    name: 'gpufleet_alerts',
    help: 'Alerts of the hub that fire; those that a silence or maintenance keeps quiet are left out.',
    type: 'gauge',
    unit: null,
    labels: ['alert', 'severity'],
    series: (alerts) =>
      alerts.map(({ rule, severity, firing }) => ({
        labels: `${label('alert', rule)},${label('severity', severity)}`,
        value: firing,
      })),
  },
];
