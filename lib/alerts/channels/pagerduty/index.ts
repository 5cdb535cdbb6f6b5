import { postAll } from '../http.ts';
import type { Notice, Notifier } from '../notifier.ts';
import { alertUrl, hostNames, noticeText, worstOf } from '../template.ts';

export const pagerdutyUrl = 'https://events.pagerduty.com/v2/enqueue';
const longestSummary = 1024;
const mostDetails = 50;

/** One incident for each notice of a beginning: its id is the dedup_key, so that a repeated one opens none. */
function trigger(notice: Notice, title: string, url: string): object {
  const { alerts, hub, cause, event } = notice;
  const [first] = alerts;
  return {
    event_action: 'trigger',
    dedup_key: notice.id,
    payload: {
      summary: title.slice(0, longestSummary),
      severity: event === 'test' ? 'info' : worstOf(alerts),
      source: first?.hosts[0]?.hostname ?? (hub.url || 'gpufleet'),
      timestamp: notice.createdAt,
      component: hostNames(first?.hosts ?? []),
      group: cause,
      class: first?.rule ?? 'test',
      custom_details: alerts.slice(0, mostDetails).map((alert) => ({
        id: alert.id,
        what: alert.what,
        what_to_do: alert.whatToDo,
        url: alertUrl(notice, alert),
      })),
    },
    links: url.startsWith('http') ? [{ href: url, text: 'gpufleet' }] : [],
    client: 'gpufleet',
    ...(hub.url === '' ? {} : { client_url: hub.url }),
  };
}

const resolve = (id: string): object => ({ event_action: 'resolve', dedup_key: id });

/** Events API v2. A test opens an incident of low urgency and closes it at once. */
export const pagerduty: Notifier = {
  told: 'notice',
  compose(notice, options) {
    const { title, url } = noticeText(notice, options);
    if (notice.event === 'resolved')
      return JSON.stringify(notice.begun.filter(({ isOver }) => isOver).map(({ id }) => resolve(id)));
    const events = [trigger(notice, title, url)];
    return JSON.stringify(notice.event === 'test' ? [...events, resolve(notice.id)] : events);
  },
  send({ url, secret }, { body }, signal) {
    const events = JSON.parse(body) as object[];
    return postAll(
      events.map((event) => ({
        url,
        body: JSON.stringify({ routing_key: secret, ...event }),
        secrets: secret === null ? [] : [secret],
      })),
      signal,
    );
  },
};
