import { describe, expect, test } from 'vitest';
import { type Alert, noChannelOptions } from '../../model/index.ts';
import { alertmanagerBody, alertName } from './alertmanager/payload.ts';
import { notifiers } from './index.ts';
import type { Notice } from './notifier.ts';
import { ntfyAddress, ntfyAuthorization } from './ntfy/index.ts';
import { noticeText, templateFault } from './template.ts';

const alert = (id: string, changes: Partial<Alert> = {}): Alert => ({
  id,
  rule: 'gpu-lost',
  severity: 'critical',
  cause: 'The GPU is lost',
  what: `${id} GPU 3: The GPU is lost`,
  hosts: [{ id, hostname: id }],
  since: '2026-11-24T12:00:00.000Z',
  whyItMatters: 'Nothing can run on it.',
  whatToDo: 'Restart the host.',
  href: '/gpus/x',
  labels: { gpu: '3' },
  phase: 'firing',
  firedAt: '2026-11-24T12:01:00.000Z',
  resolvedAt: null,
  resolution: null,
  acknowledged: null,
  quiet: null,
  ...changes,
});
const notice = (changes: Partial<Notice> = {}): Notice => ({
  id: 'ntc_1',
  event: 'firing',
  cause: 'The GPU is lost',
  createdAt: '2026-11-24T12:01:00.000Z',
  hub: { url: 'https://hub.example', version: '1' },
  alerts: [alert('a'), alert('b', { severity: 'warning' })],
  begun: [],
  ...changes,
});

describe('templates', () => {
  test('the usual words', () => {
    expect(noticeText(notice(), noChannelOptions)).toEqual({
      title: '[firing] a GPU 3: The GPU is lost and 1 more',
      text: [
        'a GPU 3: The GPU is lost\nNothing can run on it. Restart the host.\nhttps://hub.example/alerts/a',
        'b GPU 3: The GPU is lost\nNothing can run on it. Restart the host.\nhttps://hub.example/alerts/b',
      ].join('\n\n'),
      url: 'https://hub.example/alerts',
    });
  });

  test('of an end: why, and no longer what to do', () => {
    const over = alert('a', { phase: 'resolved', resolution: 'it answers again' });
    const { title, text, url } = noticeText(notice({ event: 'resolved', alerts: [over] }), noChannelOptions);
    expect(title).toBe('[resolved] a GPU 3: The GPU is lost (it answers again)');
    expect(text).toBe('a GPU 3: The GPU is lost\nOver: it answers again.\nhttps://hub.example/alerts/a');
    expect(url).toBe('https://hub.example/alerts/a');
  });

  test('one’s own, and what a text of an alert looks like a field is left as it is', () => {
    const odd = alert('a', { what: 'a {url} {why}' });
    const { title, text } = noticeText(notice({ alerts: [odd] }), {
      title: '{severity} x{count} on {hosts}: {cause}',
      line: '{what} ({id})',
    });
    expect(title).toBe('critical x1 on a: The GPU is lost');
    expect(text).toBe('a {url} {why} (a)');
  });

  test('two hundred alerts are one message that says how many it leaves out', () => {
    const alerts = Array.from({ length: 200 }, (_, at) => alert(`h${at}`));
    const { title, text } = noticeText(notice({ alerts }), noChannelOptions);
    expect(title).toContain('and 199 more');
    expect(text).toMatch(/… and 180 more\.$/);
  });

  test.each([
    ['title', '{cause}', null],
    ['title', 'no field', null],
    ['title', '', /empty/],
    ['title', 'a\nb', /line break/],
    ['title', '{why}', /"\{why\}" stands for nothing; known are/],
    ['line', '{why}\n{todo}', null],
    ['line', '{Why}', /stands for nothing/],
    ['line', 'x'.repeat(2001), /longer/],
  ] as const)('%s %j', (kind, text, fault) => {
    if (fault === null) expect(templateFault(kind, text)).toBeNull();
    else expect(templateFault(kind, text)).toMatch(fault);
  });
});

describe('kinds', () => {
  test('a chat’s own signs in a name are only text', () => {
    const body = notifiers.slack.compose(notice({ alerts: [alert('<!here> & co')] }), noChannelOptions);
    expect(body).not.toContain('<!here>');
    expect(JSON.parse(body).text).toContain('&lt;!here&gt; &amp; co');
  });

  test('an incident is closed when all that its notice told of is over', () => {
    const compose = (begun: Notice['begun']) =>
      JSON.parse(notifiers.pagerduty.compose(notice({ event: 'resolved', begun }), noChannelOptions));
    expect(compose([{ id: 'ntc_1', isOver: false }])).toEqual([]);
    expect(
      compose([
        { id: 'ntc_1', isOver: true },
        { id: 'ntc_2', isOver: false },
      ]),
    ).toEqual([{ event_action: 'resolve', dedup_key: 'ntc_1' }]);
    expect(JSON.parse(notifiers.pagerduty.compose(notice(), noChannelOptions))).toMatchObject([
      { event_action: 'trigger', dedup_key: 'ntc_1', payload: { severity: 'critical' } },
    ]);
  });

  test.each([
    ['https://ntfy.sh/topic', 'https://ntfy.sh/', 'topic'],
    ['https://x.example/ntfy/my%20topic/', 'https://x.example/ntfy/', 'my topic'],
  ])('%s', (url, server, topic) => {
    expect(ntfyAddress(url)).toEqual({ server, topic });
  });

  test('ntfy: a token, or a user with a password; a long text is cut to what it takes', () => {
    expect(ntfyAuthorization('tk_x')).toEqual({ authorization: 'Bearer tk_x' });
    expect(ntfyAuthorization('a:b')).toEqual({ authorization: 'Basic YTpi' });
    const body = notifiers.ntfy.compose(
      notice({ alerts: Array.from({ length: 20 }, () => alert('ü'.repeat(200))) }),
      noChannelOptions,
    );
    expect(Buffer.byteLength(JSON.parse(body).message)).toBeLessThanOrEqual(3500);
  });

  test('Alertmanager: what fires ends ahead, what is over when it was; two events of one thing are two', () => {
    const now = Date.parse('2026-11-24T12:10:00.000Z');
    const over = alert('b', { resolvedAt: '2026-11-24T12:05:00.000Z' });
    const told = JSON.parse(
      alertmanagerBody([alert('a'), over], notice().hub, { nowMillis: now, endMillis: 240_000 }),
    );
    expect(told[0]).toMatchObject({
      labels: { alertname: 'GpufleetGpuLost', severity: 'critical', host: 'a', gpu: '3', gpufleet_id: 'a' },
      startsAt: '2026-11-24T12:01:00.000Z',
      endsAt: '2026-11-24T12:14:00.000Z',
      generatorURL: 'https://hub.example/alerts/a',
    });
    expect(told[1].endsAt).toBe('2026-11-24T12:05:00.000Z');
    expect(alertName('own:hot-memory')).toBe('GpufleetOwnHotMemory');
  });
});
