import type { Alert } from '../../../model/index.ts';
import type { Notice } from '../notifier.ts';

/** Changes when a field of the payload goes or means something else; new fields may come without. */
export const webhookVersion = 1;
const mostAlerts = 100;
/** Of one alert: the whole fleet's names may be more than a receiver takes. */
const mostHosts = 100;

const alertOf = (alert: Alert, { event, hub }: Notice): object => ({
  id: alert.id,
  rule: alert.rule,
  severity: alert.severity,
  what: alert.what,
  hosts: alert.hosts.slice(0, mostHosts),
  hostsLeftOut: Math.max(0, alert.hosts.length - mostHosts),
  labels: alert.labels ?? {},
  since: alert.since,
  firedAt: alert.firedAt,
  // A notice that waited still tells what it was made for.
  resolvedAt: event === 'resolved' ? alert.resolvedAt : null,
  resolution: event === 'resolved' ? alert.resolution : null,
  whyItMatters: alert.whyItMatters,
  whatToDo: alert.whatToDo,
  url: `${hub.url}/alerts/${encodeURIComponent(alert.id)}`,
});

/** One line for a chat or a log. */
function summary({ event, cause, alerts }: Notice): string {
  const [first] = alerts;
  const more = alerts.length > 1 ? ` and ${alerts.length - 1} more` : '';
  if (event === 'test') return `[test] ${cause}`;
  const what = first === undefined ? cause : `${first.what}${more}`;
  const over = event === 'resolved' && first?.resolution ? ` (${first.resolution})` : '';
  return `[${event}] ${what}${over}`;
}

/** The JSON of a notice; docs/webhook.md describes it. */
export const webhookBody = (notice: Notice): string =>
  JSON.stringify({
    version: webhookVersion,
    id: notice.id,
    event: notice.event,
    createdAt: notice.createdAt,
    cause: notice.cause,
    text: summary(notice),
    hub: notice.hub,
    url: `${notice.hub.url}/alerts`,
    alerts: notice.alerts.slice(0, mostAlerts).map((alert) => alertOf(alert, notice)),
    alertsLeftOut: Math.max(0, notice.alerts.length - mostAlerts),
  });
