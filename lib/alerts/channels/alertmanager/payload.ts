import type { Alert } from '../../../model/index.ts';
import type { Notice } from '../notifier.ts';
import { alertUrl } from '../template.ts';

const longestLabel = 1024;

/** `xid-critical` as Prometheus' people name alerts: `GpufleetXidCritical`. */
export const alertName = (rule: string): string =>
  `Gpufleet${rule
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('')}`;

const cut = (text: string): string => text.slice(0, longestLabel);

/** By its id two alerts of the same thing at different times are two, so that an end never meets another's beginning. */
function labelsOf(alert: Alert): Record<string, string> {
  const [only, ...more] = alert.hosts;
  return {
    ...alert.labels,
    alertname: alertName(alert.rule),
    severity: alert.severity,
    cause: cut(alert.cause),
    ...(only !== undefined && more.length === 0 ? { host: only.hostname } : {}),
    gpufleet_id: alert.id,
  };
}

function entryOf(alert: Alert, hub: Notice['hub'], endsAt: string): object {
  const hosts = alert.hosts.map(({ hostname }) => hostname).join(', ');
  return {
    labels: labelsOf(alert),
    annotations: {
      summary: cut(alert.what),
      description: cut(`${alert.whyItMatters} ${alert.whatToDo}`),
      hosts: cut(hosts),
      ...(alert.acknowledged === null ? {} : { acknowledged_by: alert.acknowledged.by }),
    },
    startsAt: alert.firedAt ?? alert.since,
    endsAt,
    ...(hub.url === '' ? {} : { generatorURL: alertUrl({ hub }, alert) }),
  };
}

export interface Telling {
  readonly nowMillis: number;
  /** How far ahead the end of what fires lies: without another word it is over then. */
  readonly endMillis: number;
  readonly test?: { readonly id: string; readonly words: string };
}

/** POST /api/v2/alerts: what fires, and what was lately over with its end. */
export function alertmanagerBody(
  alerts: readonly Alert[],
  hub: Notice['hub'],
  { nowMillis, endMillis, test }: Telling,
): string {
  const ahead = new Date(nowMillis + endMillis).toISOString();
  const entries = alerts.map((alert) => entryOf(alert, hub, alert.resolvedAt ?? ahead));
  if (test === undefined) return JSON.stringify(entries);
  const labels = { alertname: 'GpufleetTest', severity: 'info', gpufleet_id: test.id };
  const startsAt = new Date(nowMillis).toISOString();
  return JSON.stringify([
    ...entries,
    { labels, annotations: { summary: test.words }, startsAt, endsAt: ahead },
  ]);
}
