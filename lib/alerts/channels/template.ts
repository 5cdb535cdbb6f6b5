import type { Alert, ChannelOptions } from '../../model/index.ts';
import type { Notice } from './notifier.ts';

/** What stands for what in a template: `{cause}`. */
const titleFields = ['event', 'severity', 'cause', 'count', 'what', 'hosts', 'hub'] as const;
const lineFields = [
  'event',
  'severity',
  'what',
  'hosts',
  'since',
  'why',
  'todo',
  'resolution',
  'rule',
  'id',
  'url',
] as const;

export const templateFields = { title: titleFields, line: lineFields } as const;
type Kind = keyof typeof templateFields;

export const defaultTemplates: Readonly<Record<Kind, string>> = {
  title: '[{event}] {what}',
  line: '{what}\n{resolution}{why} {todo}\n{url}',
};

const longestTemplate = 2000;
/** Of one notice: more than a person reads. */
const mostLines = 20;
const mostNames = 8;

/** What is wrong with a template, as a sentence; null when nothing is. */
export function templateFault(kind: Kind, text: string): string | null {
  if (text.trim() === '') return 'Is empty: leave it out for the usual text.';
  if (text.length > longestTemplate) return `Is longer than ${longestTemplate} characters.`;
  if (kind === 'title' && /[\r\n]/.test(text)) return 'Has a line break.';
  const known: readonly string[] = templateFields[kind];
  const unknown = [...text.matchAll(/\{([^{}\n]{0,40})\}/g)].find(([, name]) => !known.includes(name ?? ''));
  if (unknown === undefined) return null;
  return `"${unknown[0]}" stands for nothing; known are ${known.map((name) => `{${name}}`).join(' ')}.`;
}

const fill = (template: string, values: Readonly<Record<string, string>>): string =>
  template.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);

export function hostNames(hosts: Alert['hosts']): string {
  const names = hosts.slice(0, mostNames).map(({ hostname }) => hostname);
  const more = hosts.length - names.length;
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

export const alertUrl = ({ hub }: Pick<Notice, 'hub'>, alert: Pick<Alert, 'id'>): string =>
  `${hub.url}/alerts/${encodeURIComponent(alert.id)}`;

export const worstOf = (alerts: readonly Alert[]): Alert['severity'] =>
  alerts.some(({ severity }) => severity === 'critical') ? 'critical' : 'warning';

/** One sentence for all of it: the first, and how many more. */
export function noticeWords({ event, cause, alerts }: Notice): string {
  const [first] = alerts;
  if (event === 'test' || first === undefined) return cause;
  const more = alerts.length > 1 ? ` and ${alerts.length - 1} more` : '';
  const over = event === 'resolved' && first.resolution !== null ? ` (${first.resolution})` : '';
  return `${first.what}${more}${over}`;
}

function lineOf(alert: Alert, notice: Notice, template: string): string {
  const isOver = notice.event === 'resolved';
  return fill(template, {
    event: notice.event,
    severity: alert.severity,
    what: alert.what,
    hosts: hostNames(alert.hosts),
    since: alert.since,
    why: isOver ? '' : alert.whyItMatters,
    todo: isOver ? '' : alert.whatToDo,
    resolution: isOver && alert.resolution !== null ? `Over: ${alert.resolution}.` : '',
    rule: alert.rule,
    id: alert.id,
    url: alertUrl(notice, alert),
  })
    .replace(/[ \t]+$/gm, '')
    .trim();
}

export interface NoticeText {
  /** One line. */
  readonly title: string;
  /** The alerts one after the other, a blank line between. */
  readonly text: string;
  /** Where it all is to be seen. */
  readonly url: string;
}

/** A notice in words, by the channel's templates or the usual ones. */
export function noticeText(notice: Notice, options: Pick<ChannelOptions, 'title' | 'line'>): NoticeText {
  const { event, cause, alerts, hub } = notice;
  const title = fill(options.title ?? defaultTemplates.title, {
    event,
    severity: worstOf(alerts),
    cause,
    count: String(alerts.length),
    what: noticeWords(notice),
    hosts: hostNames(alerts.flatMap(({ hosts }) => hosts)),
    hub: hub.url,
  }).replace(/[\r\n]+/g, ' ');
  const template = options.line ?? defaultTemplates.line;
  const lines = alerts.slice(0, mostLines).map((alert) => lineOf(alert, notice, template));
  const more = alerts.length - lines.length;
  if (more > 0) lines.push(`… and ${more} more.`);
  if (event === 'test') lines.push(`${cause}. If you read this, alerts arrive here.`);
  const [only] = alerts;
  const url = alerts.length === 1 && only !== undefined ? alertUrl(notice, only) : `${hub.url}/alerts`;
  return { title, text: lines.join('\n\n'), url };
}
