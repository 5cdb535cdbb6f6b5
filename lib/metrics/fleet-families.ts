import type { AlertSeverity } from '../model/index.ts';
import { type Family, label } from './family.ts';

/** How many alerts of one rule fire and are not quiet. */
export interface AlertSeries {
  readonly rule: string;
  readonly severity: AlertSeverity;
  readonly firing: number;
  /** The hosts that they are of, each once. */
  readonly hostIds: readonly string[];
}

export interface FleetFamily extends Pick<Family, 'name' | 'help' | 'type' | 'unit' | 'labels'> {
  /** `hostText`: the label of a host, `host="a"`; null for one that is not exposed. */
  readonly series: (
    alerts: readonly AlertSeries[],
    hostText: (hostId: string) => string | null,
  ) => readonly { labels: string; value: number }[];
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
  {
    name: 'gpufleet_host_alert',
    help: '1 for each host of an alert that fires and is not kept quiet.',
    type: 'gauge',
    unit: null,
    labels: ['host', 'alert'],
    series: (alerts, hostText) =>
      alerts.flatMap(({ rule, hostIds }) =>
        hostIds.flatMap((id) => {
          const host = hostText(id);
          return host === null ? [] : [{ labels: `${host},${label('alert', rule)}`, value: 1 }];
        }),
      ),
  },
];
