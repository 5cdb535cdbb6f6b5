import { describe, expect, test } from 'vitest';
import type { AgentCode, AgentStatus, Rollout } from '../../model/index.ts';
import { afterPush, afterTime, isSettled, newRollout, openBatch, stopped } from './plan.ts';

const now = '2026-11-25T10:00:00.000Z';
const sha256 = 'a'.repeat(64);
const hosts = ['a', 'b', 'c', 'd'].map((id) => ({ id, hostname: `host-${id}` }));
const fresh = (): Rollout =>
  newRollout({
    id: 'r1',
    serial: 7,
    version: '2.0.0',
    sha256,
    sizeBytes: 1000,
    signature: 'x',
    trialSeconds: 120,
    firstHosts: 1,
    batchSize: 2,
    createdAt: now,
    createdBy: 'user ada',
    hosts,
  });
const told = (code?: Partial<AgentCode>): { agent: AgentStatus; now: string } => ({
  now,
  agent: {
    version: '1.0.0',
    epoch: 'e',
    startedAt: now,
    spooledReports: 0,
    spooledBytes: 0,
    droppedReports: 0,
    ...(code === undefined
      ? {}
      : { code: { sha256: 'b'.repeat(64), canUpgrade: true, access: 'gpu', upgrade: null, ...code } }),
  },
});
const upgrade = (state: 'fetching' | 'trial' | 'done' | 'rolled-back' | 'refused', message = 'why') => ({
  upgrade: { serial: 7, version: '2.0.0', state, message },
});
const push = (rollout: Rollout, id: string, code?: Partial<AgentCode>) => afterPush(rollout, id, told(code));
const stateOf = (rollout: Rollout, id: string) => rollout.hosts.find(({ hostId }) => hostId === id)?.state;
/** As a host goes through it whose upgrade works. */
const through = (rollout: Rollout, id: string): Rollout =>
  push(push(push(rollout, id, {}).rollout, id, { sha256, ...upgrade('trial') }).rollout, id, {
    sha256,
    ...upgrade('done'),
  }).rollout;

describe('a rollout', () => {
  test('says what holds a host up, waits an hour for a person to mend it, and goes on', () => {
    const offered = push(fresh(), 'a', {}).rollout;
    const held = push(offered, 'a', upgrade('fetching', 'disk full')).rollout;
    expect(held.hosts[0]).toMatchObject({ state: 'fetching', detail: 'disk full' });
    const heard = { openSeconds: 10_000, silentSeconds: () => 1 };
    const later = (rollout: Rollout, seconds: number) =>
      afterTime(rollout, Date.parse(now) + seconds * 1000, heard);
    expect(later(held, 3599)).toBe(held);
    expect(later(held, 3601).hosts[0]).toMatchObject({ state: 'failed', detail: 'disk full' });
    const freed = push(held, 'a', { sha256, ...upgrade('trial', '') }).rollout;
    expect(freed.hosts[0]).toMatchObject({ state: 'trial' });
  });

  test('gives the place of a first host that is skipped to the next one: no batch gets a build that none has tried', () => {
    const old = push(fresh(), 'a');
    expect(stateOf(old.rollout, 'a')).toBe('skipped');
    expect(old.rollout.hosts.map(({ batch }) => batch)).toEqual([0, 0, 1, 2]);
    expect(push(old.rollout, 'c', {}).offer).toBeNull();
    const contained = push(old.rollout, 'b', { canUpgrade: false }).rollout;
    const silent = afterTime(contained, Date.parse(now), {
      openSeconds: 61,
      silentSeconds: (id) => (id === 'c' ? 3600 : 1),
    });
    expect(['a', 'b', 'c'].map((id) => stateOf(silent, id))).toEqual(['skipped', 'skipped', 'skipped']);
    expect(silent).toMatchObject({ state: 'running' });
    expect(openBatch(silent)).toBe(0);
    expect(through(silent, 'd')).toMatchObject({ state: 'done' });
  });

  test('ends where no first host can be found', () => {
    const all = ['a', 'b', 'c', 'd'].reduce((rollout, id) => push(rollout, id).rollout, fresh());
    expect(all.hosts.every(({ state }) => state === 'skipped')).toBe(true);
    expect(all).toMatchObject({ state: 'done' });
  });

  test('goes batch by batch, and a later batch is offered nothing before', () => {
    let rollout = fresh();
    expect(rollout.hosts.map(({ batch }) => batch)).toEqual([0, 1, 1, 2]);
    expect(push(rollout, 'b', {}).offer).toBeNull();
    const offered = push(rollout, 'a', {});
    expect(offered.offer).toEqual({
      serial: 7,
      version: '2.0.0',
      sha256,
      sizeBytes: 1000,
      signature: 'x',
      trialSeconds: 120,
    });
    // Until it says that it has begun: the answer may have been lost.
    expect(push(offered.rollout, 'a', {}).offer).not.toBeNull();
    expect(push(offered.rollout, 'a', upgrade('fetching')).offer).toBeNull();
    rollout = through(rollout, 'a');
    expect(openBatch(rollout)).toBe(1);
    rollout = through(through(rollout, 'b'), 'c');
    expect(openBatch(rollout)).toBe(2);
    rollout = through(rollout, 'd');
    expect(rollout).toMatchObject({ state: 'done', endedAt: now });
    expect(isSettled(rollout)).toBe(true);
  });

  test('on trial is not done', () => {
    const { rollout } = push(push(fresh(), 'a', {}).rollout, 'a', { sha256, ...upgrade('trial') });
    expect(stateOf(rollout, 'a')).toBe('trial');
    expect(openBatch(rollout)).toBe(0);
  });

  test.each(['rolled-back', 'refused'] as const)('stops at the first that %s', (state) => {
    const { rollout } = push(push(fresh(), 'a', {}).rollout, 'a', upgrade(state, 'no report'));
    expect(rollout).toMatchObject({ state: 'failed', endedAt: now });
    expect(rollout.why).toContain('host-a');
    expect(rollout.why).toContain('no report');
    expect(push(rollout, 'b', {}).offer).toBeNull();
    expect(stateOf(rollout, 'b')).toBe('waiting');
  });

  test('what an agent says of another offer is not heard', () => {
    const old = { ...upgrade('rolled-back'), upgrade: { ...upgrade('rolled-back').upgrade, serial: 6 } };
    expect(push(fresh(), 'a', old)).toMatchObject({ rollout: { state: 'running' }, offer: { serial: 7 } });
  });

  test('an agent that cannot change itself is passed over, and so is one that is silent', () => {
    let { rollout } = push(fresh(), 'a');
    expect(stateOf(rollout, 'a')).toBe('skipped');
    rollout = push(rollout, 'b', { canUpgrade: false }).rollout;
    expect(stateOf(rollout, 'b')).toBe('skipped');
    const silent = (seconds: number | null) => ({ openSeconds: 90, silentSeconds: () => seconds });
    expect(afterTime(rollout, Date.parse(now), silent(3))).toBe(rollout);
    rollout = afterTime(rollout, Date.parse(now), silent(null));
    expect([stateOf(rollout, 'c'), stateOf(rollout, 'd')]).toEqual(['skipped', 'waiting']);
  });

  test('a host that says nothing after it was asked is a failure', () => {
    const { rollout } = push(fresh(), 'a', {});
    const asked = { openSeconds: 500, silentSeconds: () => 1 };
    expect(afterTime(rollout, Date.parse(now) + 200_000, asked)).toBe(rollout);
    const late = afterTime(rollout, Date.parse(now) + 300_000, asked);
    expect(late).toMatchObject({ state: 'failed', why: 'host-a: no word from it for 240 s' });
  });

  test('after hours in which the hub did not run, a host has its whole time again', () => {
    const { rollout } = push(fresh(), 'a', {});
    const hoursLater = Date.parse(now) + 3 * 3_600_000;
    const since = (openSeconds: number) => ({ openSeconds, silentSeconds: () => 1 });
    expect(afterTime(rollout, hoursLater, since(1))).toBe(rollout);
    expect(push(rollout, 'a', {}).offer).not.toBeNull();
    expect(afterTime(rollout, hoursLater, since(241)).state).toBe('failed');
    // Of one that was stopped nothing more is expected than that its hosts get through.
    const ended = stopped(push(rollout, 'a', upgrade('trial')).rollout, 'by ada', now);
    expect(stateOf(afterTime(ended, hoursLater, since(0)), 'a')).toBe('failed');
  });

  test('stopped, it offers nothing more, and goes on listening to those on their way', () => {
    const begun = push(push(fresh(), 'a', {}).rollout, 'a', upgrade('trial')).rollout;
    const ended = stopped(begun, 'by ada', now);
    expect(isSettled(ended)).toBe(false);
    const after = push(ended, 'a', { sha256, ...upgrade('done') });
    expect(after.rollout).toMatchObject({ state: 'stopped', why: 'by ada' });
    expect(stateOf(after.rollout, 'a')).toBe('done');
    expect(isSettled(after.rollout)).toBe(true);
    // One that was asked and never began waits again.
    const asked = stopped(push(fresh(), 'a', {}).rollout, 'by ada', now);
    expect(push(asked, 'a', {}).offer).toBeNull();
    const later = afterTime(asked, Date.parse(now) + 60_000, { openSeconds: 0, silentSeconds: () => 1 });
    expect(stateOf(later, 'a')).toBe('waiting');
  });
});
