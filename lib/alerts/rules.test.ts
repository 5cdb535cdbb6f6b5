import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ContainerCompat, DriftFinding, JudgedContainer, StackIssue } from '../model/index.ts';
import { type AlertsState, evaluate, type Transition } from './evaluate.ts';
import {
  type AlertTimes,
  type ChannelReading,
  type HostReading,
  rules,
  type SshReading,
} from './rules/index.ts';

const times: AlertTimes = { hostGoneSeconds: 60, driftSeconds: 60, clearSeconds: 30, returnSeconds: 90 };
const start = Date.parse('2026-11-24T12:00:00.000Z');

/** A fleet in time: each second the rules are asked, as the hub asks them. */
class Played {
  readonly hosts = new Map<string, HostReading>();
  drift: DriftFinding[] = [];
  channels: ChannelReading[] = [];
  ssh: SshReading[] = [];
  compat: JudgedContainer[] = [];
  issues: StackIssue[] = [];
  log: { at: number; kind: Transition['kind']; rule: string; hosts: string[]; reason?: string }[] = [];
  state: AlertsState = { tracked: [], evaluatedAtMillis: null };
  listeningFromMillis = start;
  seconds = 0;
  #ids = 0;

  constructor(count: number) {
    for (let index = 1; index <= count; index += 1) this.report(`h${index}`);
  }

  get now(): number {
    return start + this.seconds * 1000;
  }

  report(id: string, changes: Partial<HostReading> = {}): void {
    const before = this.hosts.get(id);
    const isSame = before?.state === 'ok';
    this.hosts.set(id, {
      id,
      hostname: id,
      group: 'training',
      labels: [],
      stateReason: '',
      current: true,
      report: null,
      agentVersion: '1.0.0',
      faults: [],
      gpusBefore: 0,
      state: 'ok',
      stateSinceMillis: isSame ? before.stateSinceMillis : this.now,
      receivedAtMillis: this.now,
      inMaintenance: before?.inMaintenance ?? false,
      ...changes,
    });
  }

  lose(...ids: string[]): void {
    for (const id of ids) {
      const host = this.hosts.get(id)!;
      this.hosts.set(id, { ...host, state: 'gone', stateSinceMillis: this.now });
    }
  }

  step(seconds = 1): void {
    for (let passed = 0; passed < seconds; passed += 1) {
      this.seconds += 1;
      const reading = {
        hosts: this.hosts,
        drift: this.drift,
        compat: this.compat,
        issues: this.issues,
        listeningFromMillis: this.listeningFromMillis,
        channels: this.channels,
        ssh: this.ssh,
        hubVersion: '1.0.0',
      };
      const newId = () => `a${++this.#ids}`;
      const { state, transitions } = evaluate(this.state, reading, this.now, { times, newId });
      this.state = state;
      for (const transition of transitions)
        this.log.push({
          at: this.seconds,
          kind: transition.kind,
          rule: transition.alert.rule,
          hosts: transition.alert.facts.hosts.map(({ hostname }) => hostname).sort(),
          ...(transition.kind === 'resolved' ? { reason: transition.reason } : {}),
        });
    }
  }

  /** As a hub that was stopped for a while: what was pending is kept, no host was heard yet. */
  restart(downSeconds: number): void {
    this.seconds += downSeconds;
    this.listeningFromMillis = this.now;
    this.state = { ...this.state, evaluatedAtMillis: null };
    for (const host of this.hosts.values())
      if (host.state !== 'gone') this.hosts.set(host.id, { ...host, state: 'late' });
  }

  of(kind: Transition['kind']) {
    return this.log.filter((entry) => entry.kind === kind);
  }
}

const many = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `h${from + index}`);

const finding = (hostId: string, changes: Partial<DriftFinding> = {}): DriftFinding => ({
  hostId,
  hostname: hostId,
  group: 'training',
  facet: 'driver',
  expected: '580.95.05',
  actual: '575.57.08',
  previous: null,
  since: '2026-11-24T11:00:00.000Z',
  baseline: 'accepted',
  ...changes,
});

test('every rule has a name of its own, and says what it watches', () => {
  expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
  for (const { watches, afterSeconds } of rules) {
    expect(watches).toMatch(/\.$/);
    expect(afterSeconds(times)).toBeGreaterThanOrEqual(0);
  }
});

describe('host gone', () => {
  test('fires after its wait, and resolves only when the host stays', () => {
    const played = new Played(12);
    played.step(10);
    played.lose('h3');
    played.step(60);
    expect(played.of('fired')).toEqual([]);
    played.step(1);
    expect(played.of('fired')).toMatchObject([{ rule: 'host-gone', hosts: ['h3'] }]);
    played.report('h3');
    played.step(29);
    played.lose('h3');
    played.step(10);
    expect(played.of('resolved')).toEqual([]);
    played.report('h3');
    played.step(31);
    expect(played.of('resolved')).toMatchObject([{ hosts: ['h3'], reason: 'the host reports again' }]);
    expect(played.of('fired')).toHaveLength(1);
  });

  test('a host that is back within the wait alerts nobody', () => {
    const played = new Played(12);
    played.lose('h3');
    played.step(59);
    played.report('h3');
    played.step(200);
    expect(played.log.map(({ kind }) => kind)).toEqual(['pending', 'dropped']);
  });

  test('a removed host ends its alert at once', () => {
    const played = new Played(12);
    played.lose('h3');
    played.step(70);
    played.hosts.delete('h3');
    played.step(1);
    expect(played.of('resolved')).toMatchObject([{ hosts: ['h3'], reason: 'the host was removed' }]);
  });
});

describe('hub or network', () => {
  test('five of twelve within a minute are one alert, also when they trickle in', () => {
    const played = new Played(12);
    for (const id of many(1, 5)) {
      played.lose(id);
      played.step(11);
    }
    played.step(300);
    expect(played.of('fired')).toMatchObject([{ rule: 'hub-or-network' }]);
    expect(played.state.tracked.map(({ rule }) => rule)).toEqual(['hub-or-network']);
    expect(played.state.tracked[0]?.facts.hosts).toHaveLength(5);
    expect(played.state.tracked[0]?.facts.since).toBe(new Date(start).toISOString());
  });

  test('hosts that are still gone when it resolves alert on their own', () => {
    const played = new Played(12);
    played.lose(...many(1, 5));
    played.step(60);
    for (const id of many(1, 4)) played.report(id);
    played.step(31);
    expect(played.of('resolved')).toMatchObject([{ rule: 'hub-or-network' }]);
    played.step(58);
    expect(played.of('fired')).toHaveLength(1);
    played.step(5);
    expect(played.of('fired').slice(1)).toMatchObject([{ rule: 'host-gone', hosts: ['h5'] }]);
  });

  test('one of them that came back and is lost again later alerts on its own', () => {
    const played = new Played(10);
    played.lose('h1', 'h2', 'h3', 'h4', 'h5');
    played.step(90);
    for (const id of ['h4', 'h5']) played.report(id);
    played.step(600);
    expect(played.of('resolved')).toEqual([]);
    played.lose('h5');
    played.step(90);
    expect(played.of('fired')).toMatchObject([
      { rule: 'hub-or-network' },
      { rule: 'host-gone', hosts: ['h5'] },
    ]);
  });

  test('as many, over a longer time, are alerts of their own', () => {
    const played = new Played(12);
    for (const id of many(1, 3)) {
      played.lose(id);
      played.step(61);
    }
    played.step(100);
    expect(played.of('fired').map(({ rule }) => rule)).toEqual(['host-gone', 'host-gone', 'host-gone']);
  });

  test.each([
    [2, 12, 'host-gone'],
    [3, 12, 'hub-or-network'],
    [3, 15, 'host-gone'],
    [4, 15, 'hub-or-network'],
    [1, 1, 'host-gone'],
    [2, 2, 'hub-or-network'],
    [2, 4, 'host-gone'],
  ])('%i of %i hosts: %s', (lost, all, rule) => {
    const played = new Played(all);
    played.lose(...many(1, lost));
    played.step(100);
    expect(new Set(played.of('fired').map((entry) => entry.rule))).toEqual(new Set([rule]));
  });

  test('hosts in maintenance do not count, and each keeps its own alert', () => {
    const played = new Played(12);
    for (const id of many(1, 5)) played.report(id, { inMaintenance: true });
    played.lose(...many(1, 5));
    played.step(100);
    expect(played.of('fired').map(({ rule }) => rule)).toEqual(Array(5).fill('host-gone'));
  });

  test('a host that was gone long before is none of those lost together', () => {
    const played = new Played(12);
    played.lose('h1');
    played.step(300);
    played.lose('h2', 'h3', 'h4');
    played.step(100);
    expect(played.of('fired').map(({ rule, hosts }) => [rule, hosts.length])).toEqual([
      ['host-gone', 1],
      ['hub-or-network', 3],
    ]);
    expect(played.of('resolved')).toEqual([]);
  });
});

describe('a restart', () => {
  test('fires nothing for hosts that report again within the time of a retry', () => {
    const played = new Played(12);
    played.step(10);
    played.restart(600);
    played.step(16);
    played.lose(...many(1, 12));
    played.step(60);
    for (const id of many(1, 12)) played.report(id);
    played.step(300);
    expect(played.log).toEqual([]);
  });

  test('does not count the time that the hub was down', () => {
    const played = new Played(12);
    played.lose('h1');
    played.step(30);
    played.restart(600);
    played.step(20);
    played.report('h1');
    played.step(300);
    expect(played.of('fired')).toEqual([]);
  });

  test('leaves what fired firing, with the same name', () => {
    const played = new Played(12);
    played.lose('h1');
    played.step(70);
    const [before] = played.state.tracked;
    played.restart(600);
    played.step(300);
    expect(played.state.tracked).toMatchObject([{ id: before?.id, firedAtMillis: before?.firedAtMillis }]);
    expect(played.of('fired')).toHaveLength(1);
    expect(played.of('resolved')).toEqual([]);
  });

  test('hosts that stay away after it are told once the time of a retry is over', () => {
    const played = new Played(12);
    played.step(10);
    played.restart(600);
    for (const id of many(2, 12)) played.report(id);
    played.step(16);
    played.lose('h1');
    played.step(73);
    expect(played.of('pending')).toEqual([]);
    played.step(70);
    expect(played.of('fired')).toMatchObject([{ rule: 'host-gone', hosts: ['h1'] }]);
  });
});

const judged = (hostId: string, compat: Partial<ContainerCompat> = {}, id = 'c1'): JudgedContainer => ({
  id,
  name: `train-${id}`,
  image: 'cuda:12.8',
  hostId,
  hostname: hostId,
  group: 'h100',
  exit: null,
  compat: {
    verdict: 'refused-at-start',
    way: null,
    layer: 'container',
    text: 'NVIDIA_REQUIRE_CUDA asks for cuda>=12.8.',
    errorText: 'unsatisfied condition: cuda>=12.8',
    fixes: ['a driver of branch R570'],
    missing: [],
    isContradicted: false,
    ...compat,
  },
});

describe('containers that cannot use CUDA', () => {
  test('are one alert a host and image, with what they print and what helps', () => {
    const played = new Played(3);
    played.compat = [judged('h1'), judged('h1', {}, 'c2'), judged('h2', { verdict: 'fails-at-init' })];
    played.step(61);
    expect(played.of('fired')).toMatchObject([
      { rule: 'container-incompatible', hosts: ['h1'] },
      { rule: 'container-incompatible', hosts: ['h2'] },
    ]);
    played.compat = [judged('h2', { verdict: 'fails-at-init' })];
    played.step(31);
    expect(played.of('resolved')).toMatchObject([{ hosts: ['h1'] }]);
  });

  test('say nothing new while nothing is, and end when the host is removed', () => {
    const played = new Played(3);
    played.compat = [judged('h1')];
    played.step(120);
    expect(played.of('changed')).toEqual([]);
    played.lose('h1');
    played.step(100);
    expect(played.of('resolved')).toEqual([]);
  });

  test('by minor-version compatibility are one alert a group and image, after an hour', () => {
    const played = new Played(3);
    played.compat = ['h1', 'h2'].map((id) =>
      judged(id, { verdict: 'runs-with-limits', way: 'minor-version' }),
    );
    played.step(3000);
    expect(played.of('fired')).toEqual([]);
    played.step(700);
    expect(played.of('fired')).toMatchObject([{ rule: 'container-minor-version', hosts: ['h1', 'h2'] }]);
    played.compat = [];
    played.step(31);
    expect(played.of('resolved')).toHaveLength(1);
  });
});

describe('driver drift', () => {
  test('fires for an accepted or declared baseline, and resolves when the driver is put right', () => {
    const played = new Played(3);
    played.drift = [finding('h1'), finding('h2', { baseline: 'declared' })];
    played.step(61);
    expect(played.of('fired').map(({ hosts }) => hosts)).toEqual([['h1'], ['h2']]);
    played.drift = [finding('h2', { baseline: 'declared' })];
    played.step(31);
    expect(played.of('resolved')).toMatchObject([{ hosts: ['h1'] }]);
  });

  test('pages nobody for an inferred baseline, nor for another facet', () => {
    const played = new Played(3);
    played.drift = [finding('h1', { baseline: 'inferred' }), finding('h2', { facet: 'kernel' })];
    played.step(300);
    expect(played.log).toEqual([]);
  });

  test('neither begins nor ends while the host does not report', () => {
    const played = new Played(12);
    played.drift = [finding('h1')];
    played.lose('h1');
    played.step(200);
    expect(played.of('fired').map(({ rule }) => rule)).toEqual(['host-gone']);
    played.report('h1');
    played.step(100);
    expect(played.of('fired').map(({ rule }) => rule)).toEqual(['host-gone', 'driver-drift']);
    played.lose('h1');
    played.step(100);
    expect(played.of('resolved').filter(({ rule }) => rule === 'driver-drift')).toEqual([]);
  });

  test('ends when its baseline is withdrawn, also while the host is silent', () => {
    const played = new Played(12);
    played.drift = [finding('h1')];
    played.step(61);
    played.lose('h1');
    played.drift = [];
    played.step(31);
    expect(played.of('resolved')).toMatchObject([{ rule: 'driver-drift' }]);
  });
});

describe('whatever happens', () => {
  const ids = many(1, 8);
  const event = fc.record({
    kind: fc.constantFrom('lose', 'report', 'drift', 'undrift', 'remove', 'maintenance', 'restart', 'wait'),
    id: fc.constantFrom(...ids),
    seconds: fc.integer({ min: 1, max: 80 }),
  });
  const act = (played: Played, { kind, id, seconds }: { kind: string; id: string; seconds: number }) => {
    const isKnown = played.hosts.has(id);
    if (kind === 'lose' && isKnown) played.lose(id);
    if (kind === 'report') played.report(id);
    if (kind === 'remove') played.hosts.delete(id);
    if (kind === 'maintenance' && isKnown)
      played.hosts.set(id, { ...played.hosts.get(id)!, inMaintenance: true });
    if (kind === 'drift') played.drift = [...played.drift.filter((one) => one.hostId !== id), finding(id)];
    if (kind === 'undrift') played.drift = played.drift.filter((one) => one.hostId !== id);
    if (kind === 'restart') played.restart(seconds * 10);
    played.step(seconds);
  };

  test('an alert fires once, ends once, and a host is never in two at the same time for being gone', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        const played = new Played(8);
        for (const each of events) {
          act(played, each);
          const firing = played.state.tracked.filter(({ phase }) => phase === 'firing');
          const keys = played.state.tracked.map(({ rule, subject }) => `${rule} ${subject}`);
          expect(new Set(keys).size).toBe(keys.length);
          const alone = firing.filter(({ rule }) => rule === 'host-gone').map(({ subject }) => subject);
          const together = firing.find(({ rule }) => rule === 'hub-or-network')?.facts.hosts ?? [];
          expect(together.filter((host) => alone.includes(host.id))).toEqual([]);
        }
        const fired = played.of('fired').length;
        const still = played.state.tracked.filter(({ phase }) => phase === 'firing').length;
        expect(played.of('resolved').length + still).toBe(fired);
        expect(played.of('pending').length).toBe(
          fired + played.of('dropped').length + played.state.tracked.length - still,
        );
      }),
      { numRuns: 150 },
    );
  });

  test('a fleet that reports again ends every alert for being gone', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 20 }), (events) => {
        const played = new Played(8);
        for (const each of events) act(played, each);
        for (const id of [...played.hosts.keys()]) played.report(id);
        played.drift = [];
        played.step(40);
        expect(played.state.tracked).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});

describe('software of one host that does not fit together', () => {
  const issue = (kind: StackIssue['kind'], changes: Partial<StackIssue> = {}): StackIssue => ({
    hostId: 'h1',
    hostname: 'h1',
    group: 'training',
    kind,
    severity: 'critical',
    facet: 'library',
    since: null,
    what: 'The library is 2; the loaded module is 1.',
    why: 'Reboot needed.',
    fix: ['Drain it.', 'Reboot it.'],
    cves: [],
    closedBy: null,
    ...changes,
  });

  test.each([
    ['pending-mismatch', 'pending-mismatch'],
    ['library-mismatch', 'pending-mismatch'],
    ['stale-cdi', 'stale-cdi'],
    ['fabric-manager', 'fabric-manager'],
  ] as const)(
    '%s fires after ten minutes, waits while the host is silent, and is over with its cause',
    (kind, rule) => {
      const played = new Played(12);
      played.issues = [issue(kind)];
      played.step(600);
      expect(played.of('fired')).toEqual([]);
      played.step(1);
      expect(played.of('fired')).toMatchObject([{ rule, hosts: ['h1'] }]);
      expect(played.state.tracked[0]?.facts).toMatchObject({
        what: 'h1: The library is 2; the loaded module is 1.',
        whatToDo: 'Drain it. Reboot it.',
      });
      played.report('h1', { state: 'paused' });
      played.issues = [];
      played.report('h1');
      played.step(31);
      expect(played.of('resolved')).toMatchObject([{ rule, hosts: ['h1'] }]);
    },
  );

  test('what has time is no alert: an old branch, a known vulnerability', () => {
    const played = new Played(12);
    played.issues = (
      ['vulnerable-driver', 'vulnerable-toolkit', 'branch-ended', 'branch-ending'] as const
    ).map((kind) => issue(kind));
    played.step(700);
    expect(played.log).toEqual([]);
  });
});

describe('SSH host keys', () => {
  const host = (changes: Partial<SshReading>): SshReading => ({
    id: 's1',
    name: 'gpu17.example',
    hostId: null,
    isRead: true,
    keyTrouble: null,
    sinceMillis: start,
    fingerprint: 'SHA256:new',
    ...changes,
  });

  test('a host that is read over SSH and is gone is not sent to look for an agent', () => {
    const adviceWhere = (isRead: boolean) => {
      const played = new Played(12);
      played.ssh = [host({ id: 'h3', hostId: 'h3', isRead })];
      played.step(10);
      played.lose('h3');
      played.step(62);
      return played.state.tracked[0]?.facts.whatToDo;
    };
    expect(adviceWhere(true)).toMatch(/page SSH hosts/);
    expect(adviceWhere(false)).toMatch(/pgrep -af gpufleet-agent/);
  });

  test('a changed or revoked one is told at once, of that host alone, and is over when it is trusted', () => {
    const played = new Played(12);
    played.ssh = [host({}), host({ id: 's2', name: 'h1', hostId: 'h1', keyTrouble: 'changed' })];
    played.step(1);
    expect(played.of('fired')).toMatchObject([{ rule: 'ssh-host-key', hosts: ['h1'] }]);
    expect(played.state.tracked[0]?.facts).toMatchObject({
      what: 'h1 shows another SSH host key',
      href: '/hosts/ssh?ssh=s2',
      whyItMatters: expect.stringContaining('SHA256:new'),
    });
    played.ssh = [host({ keyTrouble: 'revoked' }), host({ id: 's2', hostId: 'h1' })];
    played.step(1);
    expect(played.of('resolved')).toMatchObject([{ reason: 'its key is trusted again' }]);
    expect(played.of('fired')).toMatchObject([{ hosts: ['h1'] }, { rule: 'ssh-host-key', hosts: [] }]);
    played.ssh = [];
    played.step(1);
    expect(played.of('resolved')).toMatchObject([{}, { reason: 'the host is not read over SSH any more' }]);
  });
});
