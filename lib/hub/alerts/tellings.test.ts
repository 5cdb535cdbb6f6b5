import { expect, test } from 'vitest';
import { type AlertSeverity, noChannelOptions } from '../../model/index.ts';
import type { AlertRecord } from '../../state/state-store.ts';
import { tellingsOf } from './tellings.ts';

const record = (id: string, severity: AlertSeverity, told: readonly string[] = []): AlertRecord => ({
  id,
  rule: 'gpu-lost',
  subject: id,
  phase: 'firing',
  beganAt: '2026-11-24T12:00:00.000Z',
  firedAt: '2026-11-24T12:00:00.000Z',
  resolvedAt: null,
  resolution: null,
  heldMillis: 0,
  facts: {
    severity,
    cause: 'x',
    what: 'x',
    hosts: [],
    since: '2026-11-24T12:00:00.000Z',
    whyItMatters: '',
    whatToDo: '',
    href: '/',
  },
  acknowledged: null,
  told,
});
const channels = [
  { id: 'chat', options: noChannelOptions },
  { id: 'pager', options: { ...noChannelOptions, severity: 'critical' } as const },
];
const told = (open: readonly AlertRecord[], over: readonly AlertRecord[] = []) =>
  tellingsOf({ open, over }, { channels, isQuiet: ({ id }) => id === 'quiet' }).map(
    ({ channelId, event, alert }) => `${channelId} ${event} ${alert.id}`,
  );

test('warnings are kept away from a channel for critical ones, their ends too', () => {
  expect(told([record('hot', 'warning'), record('lost', 'critical')])).toEqual([
    'chat firing hot',
    'chat firing lost',
    'pager firing lost',
  ]);
  expect(
    told([], [record('hot', 'warning', ['chat']), record('lost', 'critical', ['chat', 'pager', 'gone'])]),
  ).toEqual(['chat resolved hot', 'chat resolved lost', 'pager resolved lost']);
});

test('nobody is told twice, nor of what is quiet or acknowledged', () => {
  const seen = { ...record('seen', 'critical'), acknowledged: { by: 'ada', at: '', note: null } };
  expect(told([record('quiet', 'critical'), record('old', 'critical', ['chat', 'pager']), seen])).toEqual([]);
  expect(told([record('half', 'critical', ['chat'])])).toEqual(['pager firing half']);
});
