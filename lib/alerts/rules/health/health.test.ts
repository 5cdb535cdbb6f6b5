import { describe, expect, test } from 'vitest';
import { hostFaults } from '../../../faults/index.ts';
import { exampleContainer } from '../../../metrics/example-host.ts';
import {
  type AlertRulesConfig,
  alertFieldNames,
  type HostState,
  kernelBusId,
  type OwnAlertRule,
  type PciGpu,
  type Report,
  type ReportedGpu,
  type XidCount,
} from '../../../model/index.ts';
import { gpuFixture, reportFixture } from '../../../protocol/push-fixture.ts';
import { type AlertsState, evaluate, type Transition } from '../../evaluate.ts';
import { inhibitedBy, outOfService, silencedHosts } from '../../quiet.ts';
import { readableFields } from '../fields.ts';
import { type AlertTimes, type HostReading, type Rule, ruleSet, rules } from '../index.ts';
import { healthRules } from './index.ts';

const times: AlertTimes = { hostGoneSeconds: 60, driftSeconds: 60, clearSeconds: 30, returnSeconds: 90 };
const start = Date.parse('2026-11-24T12:00:00.000Z');
const iso = (seconds: number): string => new Date(start + seconds * 1000).toISOString();

interface Told {
  readonly gpus?: readonly ReportedGpu[];
  readonly xids?: readonly XidCount[];
  readonly pciGpus?: readonly PciGpu[] | null;
  readonly changes?: Partial<HostReading>;
  readonly report?: Partial<Report>;
}

const gpu = (changes: Partial<ReportedGpu> = {}): ReportedGpu => ({ ...gpuFixture(), ...changes });

/** One host that reports what a test says, each second. */
class Watched {
  readonly #rules: readonly Rule[];
  state: AlertsState = { tracked: [], evaluatedAtMillis: null };
  seconds = 0;
  log: { at: number; kind: Transition['kind']; rule: string; what: string }[] = [];
  #host: HostReading;
  #ids = 0;

  constructor(config?: AlertRulesConfig) {
    this.#rules = ruleSet(config).rules;
    this.#host = this.#reading({});
  }

  #reading({ gpus = [gpu()], xids = [], pciGpus = null, changes = {}, report = {} }: Told): HostReading {
    const full = reportFixture({
      gpus: [...gpus],
      pciGpus,
      faults: { xids: [...xids], troubles: [], throttles: [], starts: [] },
      ...report,
    });
    return {
      id: 'h1',
      hostname: 'gpu-01',
      group: 'training',
      labels: [{ key: 'rack', value: 'a1' }],
      state: 'ok' as HostState,
      stateReason: 'reporting',
      stateSinceMillis: start,
      receivedAtMillis: start + this.seconds * 1000,
      inMaintenance: false,
      current: true,
      report: full,
      agentVersion: '1.0.0',
      gpusBefore: gpus.length,
      faults: hostFaults({
        gpus: full.gpus,
        keyOf: (each) => each.uuid ?? 'none',
        reported: full.faults ?? null,
        onHubClock: (time) => time,
      }),
      ...changes,
    };
  }

  report(told: Told): void {
    this.#host = this.#reading(told);
  }

  step(seconds = 1): this {
    for (let passed = 0; passed < seconds; passed += 1) {
      this.seconds += 1;
      const reading = {
        hosts: new Map([['h1', this.#host]]),
        drift: [],
        compat: [],
        issues: [],
        listeningFromMillis: start,
        channels: [],
        ssh: [],
        hubVersion: '1.0.0',
      };
      const options = { times, newId: () => `a${++this.#ids}`, rules: this.#rules };
      const { state, transitions } = evaluate(this.state, reading, start + this.seconds * 1000, options);
      this.state = state;
      for (const { kind, alert } of transitions)
        this.log.push({ at: this.seconds, kind, rule: alert.rule, what: alert.facts.what });
    }
    return this;
  }

  get firing(): string[] {
    return this.state.tracked.filter(({ phase }) => phase === 'firing').map(({ rule }) => rule);
  }
}

const xid = (number: number, at: string): XidCount => ({
  xid: number,
  pciBusId: gpuFixture().pciBusId ?? '',
  gpuUuid: gpuFixture().uuid,
  count: 1,
  firstAt: at,
  lastAt: at,
  lastText: '',
  lastPid: null,
  lastProcessName: null,
});

const base = gpuFixture();
const busId = base.pciBusId ?? '';
const pci = (busIds: readonly string[]): PciGpu[] =>
  busIds.map((each) => ({
    busId: kernelBusId(each),
    deviceId: '2330',
    driver: null,
    passedThrough: false,
    powerStatus: null,
  }));

/** What makes each rule of the house fire, how long it takes, and what it says. */
const cases: readonly (readonly [rule: string, told: Told, seconds: number, what: RegExp])[] = [
  [
    'driver-hung',
    { changes: { state: 'driver-hung', current: false, stateReason: 'nvidia-smi hangs' } },
    31,
    /hangs/,
  ],
  [
    'driver-failed',
    { changes: { state: 'driver-failed', current: false, stateReason: 'no driver' } },
    121,
    /no driver/,
  ],
  ['gpu-lost', { gpus: [gpu({ state: 'lost' })] }, 16, /lost/],
  ['gpu-missing', { pciGpus: pci([busId, '0000:ff:00.0']) }, 31, /1 of the 2 GPUs.*0000:ff:00.0/],
  ['gpu-fewer', { changes: { gpusBefore: 8 } }, 61, /has 1 GPU and had 8/],
  ['xid-critical', { xids: [xid(79, iso(0))] }, 1, /fallen off the bus/],
  ['xid-warning', { xids: [xid(31, iso(0))] }, 1, /Xid 31/],
  [
    'ecc-uncorrectable',
    { gpus: [gpu({ ecc: { ...base.ecc, volatile: { correctable: 0, uncorrectable: 2 } } })] },
    1,
    /ECC/,
  ],
  [
    'row-remap-failed',
    { gpus: [gpu({ remappedRows: { ...base.remappedRows, failure: true } })] },
    1,
    /remapping failed/,
  ],
  [
    'row-remap-pending',
    { gpus: [gpu({ remappedRows: { ...base.remappedRows, pending: true } })] },
    1,
    /waits/,
  ],
  [
    'retired-pages',
    { gpus: [gpu({ retiredPages: { singleBit: 0, doubleBit: 15, pending: false } })] },
    1,
    /15 memory pages/,
  ],
  ['recovery-action', { gpus: [gpu({ recoveryAction: 'Reset' })] }, 1, /Reset/],
  ['power-brake', { gpus: [gpu({ throttleReasons: ['hw_power_brake_slowdown'] })] }, 61, /power supply/],
  [
    'thermal-slowdown',
    { gpus: [gpu({ throttleReasons: ['hw_thermal_slowdown', 'sw_thermal_slowdown'] })] },
    301,
    /heat/,
  ],
  [
    'temperature',
    { gpus: [gpu({ temperature: { ...base.temperature, gpuCelsius: 88, slowdownCelsius: 90 } })] },
    301,
    /87 °C/,
  ],
  [
    'pcie-degraded',
    {
      gpus: [
        gpu({
          pcie: { ...base.pcie, width: 8, maxWidth: 16, generation: 5, maxGeneration: 5 },
          utilization: { ...base.utilization, gpuRatio: 0.9 },
        }),
      ],
    },
    301,
    /8 of 16 lanes/,
  ],
  ['fabric-down', { gpus: [gpu({ fabric: { state: 'Not Completed', status: 'Failure' } })] }, 301, /fabric/],
  [
    'container-lost-gpu',
    {
      report: {
        containers: [
          {
            ...exampleContainer(),
            deviceAccess: { state: 'denied', from: 'cgroup-v1', missing: ['/dev/nvidia0'], reason: null },
          },
        ],
      },
    },
    31,
    /\/dev\/nvidia0/,
  ],
  ['agent-outdated', { changes: { agentVersion: '0.9.0' } }, 86_401, /0\.9\.0/],
  [
    'gpu-held-idle',
    {
      gpus: [
        gpu({
          utilization: { ...base.utilization, gpuRatio: 0 },
          memory: { ...base.memory, usedBytes: 4 * 1024 ** 3 },
          processes: [
            {
              pid: 1,
              type: 'C',
              name: 'python',
              usedMemoryBytes: 1,
              smRatio: null,
              gpuInstanceId: null,
              computeInstanceId: null,
              owner: null,
            },
          ],
        }),
      ],
    },
    43_201,
    /held/,
  ],
];

test('each rule of the house has a case here, a name of its own and words', () => {
  expect(cases.map(([rule]) => rule).sort()).toEqual(healthRules.map(({ name }) => name).sort());
  for (const { watches, cleared } of healthRules) {
    expect(watches).toMatch(/^[A-Zn].*\.$/);
    expect(cleared).not.toMatch(/\.$/);
  }
});

test('a host on which nothing is wrong fires nothing, with any rule', () => {
  expect(new Watched().step(600).log).toEqual([]);
});

describe('each rule fires after its time, says what and where, and is over when it is put right', () => {
  test.each(cases)('%s', (rule, told, seconds, what) => {
    const watched = new Watched({
      // Days are not stepped through second by second: the wait is another test's.
      rules: new Map(
        seconds < 1000
          ? []
          : [
              [
                rule,
                {
                  isOn: null,
                  severity: null,
                  forSeconds: 5,
                  clearForSeconds: null,
                  threshold: null,
                  scope: null,
                },
              ],
            ],
      ),
      own: [],
    });
    const wait = seconds < 1000 ? seconds : 6;
    watched.report(told);
    if (wait > 1) expect(watched.step(wait - 1).firing).not.toContain(rule);
    watched.step(2);
    expect(watched.firing).toContain(rule);
    const fired = watched.log.find((entry) => entry.kind === 'fired' && entry.rule === rule);
    expect(fired?.what).toMatch(what);
    expect(fired?.what).toContain('gpu-01');
    watched.report({});
    watched.step(305);
    expect(watched.firing).not.toContain(rule);
    expect(watched.log.filter((entry) => entry.rule === rule && entry.kind === 'fired')).toHaveLength(1);
  });

  test('default waits are those that the list says', () => {
    const waits = new Map(ruleSet().rules.map(({ name, afterSeconds }) => [name, afterSeconds(times)]));
    for (const [rule, , seconds] of cases) expect([rule, waits.get(rule)]).toEqual([rule, seconds - 1]);
  });
});

test('memory that was repaired or failed long ago fires nothing; as many pages as a GPU is replaced for do', () => {
  const watched = new Watched();
  watched.report({
    gpus: [
      gpu({
        retiredPages: { singleBit: 1, doubleBit: 2, pending: false },
        remappedRows: { ...base.remappedRows, uncorrectable: 4 },
        ecc: { ...base.ecc, aggregate: { correctable: 0, uncorrectable: 9 } },
      }),
    ],
  });
  expect(watched.step(600).log).toEqual([]);
  watched.report({ gpus: [gpu({ retiredPages: { singleBit: 30, doubleBit: 30, pending: false } })] });
  expect(watched.step(2).firing).toEqual(['row-remap-failed']);
});

describe('life', () => {
  test('a report that changes nothing of what an alert says changes nothing of the alert', () => {
    const watched = new Watched();
    const hot = (celsius: number) =>
      watched.report({
        gpus: [gpu({ temperature: { ...base.temperature, gpuCelsius: celsius, slowdownCelsius: 90 } })],
      });
    hot(88);
    watched.step(302);
    for (const celsius of [89, 91, 88, 90]) {
      hot(celsius);
      watched.step(5);
    }
    expect(watched.log.map(({ kind }) => kind)).toEqual(['pending', 'fired']);
  });

  test('between the value that fires and the one that clears it goes on, and does not begin', () => {
    const watched = new Watched();
    const at = (gpuCelsius: number) =>
      watched.report({
        gpus: [gpu({ temperature: { ...base.temperature, gpuCelsius, slowdownCelsius: 90 } })],
      });
    at(85);
    expect(watched.step(400).log).toEqual([]);
    at(88);
    watched.step(302);
    at(85);
    expect(watched.step(400).firing).toEqual(['temperature']);
    at(80);
    expect(watched.step(122).firing).toEqual([]);
  });

  test('an Xid that came long ago fires nothing, one that came lately ends by itself, and comes again as a new one', () => {
    const watched = new Watched();
    watched.report({ xids: [xid(79, iso(-7200))] });
    expect(watched.step(5).log).toEqual([]);
    watched.report({ xids: [xid(79, iso(-3590))] });
    expect(watched.step(2).firing).toEqual(['xid-critical']);
    expect(watched.step(60).firing).toEqual([]);
    watched.report({ xids: [xid(79, iso(60))] });
    expect(watched.step(2).firing).toEqual(['xid-critical']);
    expect(watched.log.filter(({ kind }) => kind === 'fired')).toHaveLength(2);
  });

  test('while the host does not answer nothing moves, and a removed host ends it', () => {
    const watched = new Watched();
    watched.report({ gpus: [gpu({ recoveryAction: 'Reset' })] });
    watched.step(2);
    watched.report({ changes: { state: 'gone', current: false } });
    expect(watched.step(500).firing).toContain('recovery-action');
    watched.report({ changes: { state: 'paused', current: false } });
    expect(watched.step(500).firing).toContain('recovery-action');
    watched.report({});
    expect(watched.step(40).firing).toEqual([]);
  });

  test('while a host is paused no GPU is lost anew, and one that was stays so', () => {
    const watched = new Watched();
    const lost = [gpu({ state: 'lost' })];
    watched.report({ gpus: lost, changes: { state: 'paused', current: false } });
    expect(watched.step(60).log).toEqual([]);
    watched.report({ gpus: lost });
    expect(watched.step(20).firing).toEqual(['gpu-lost']);
    watched.report({ changes: { state: 'paused', current: false } });
    expect(watched.step(500).firing).toEqual(['gpu-lost']);
  });

  test('an idle link that is slow fires nothing, and an open alert waits while it is idle', () => {
    const watched = new Watched();
    const link = (gpuRatio: number, generation: number) =>
      watched.report({
        gpus: [
          gpu({
            pcie: { ...base.pcie, width: 16, maxWidth: 16, generation, maxGeneration: 5 },
            utilization: { ...base.utilization, gpuRatio },
          }),
        ],
      });
    link(0, 1);
    expect(watched.step(400).log).toEqual([]);
    link(0.9, 1);
    watched.step(302);
    link(0, 1);
    expect(watched.step(600).firing).toEqual(['pcie-degraded']);
    link(0.9, 5);
    expect(watched.step(305).firing).toEqual([]);
  });
});

describe('a wait of hours', () => {
  const idle: Told = { changes: { agentVersion: '0.9.0' } };
  const hours = (forSeconds: number) => asking('agent-outdated', { forSeconds });

  test('what comes and goes is not noted, what stays is noted after a tenth of it and fires at its end', () => {
    const watched = new Watched(hours(2000));
    watched.report(idle);
    expect(watched.step(150).log).toEqual([]);
    watched.report({});
    expect(watched.step(5).log).toEqual([]);
    watched.report(idle);
    watched.step(2010);
    expect(watched.log.map(({ kind }) => kind)).toEqual(['pending', 'fired']);
    const [pending, fired] = watched.log;
    expect(fired!.at - pending!.at).toBe(1800);
  });

  test('noted and then over, it is dropped', () => {
    const watched = new Watched(hours(2000));
    watched.report(idle);
    watched.step(300);
    watched.report({});
    watched.step(1);
    expect(watched.log.map(({ kind }) => kind)).toEqual(['pending', 'dropped']);
  });
});

const settings = (changes: object) => ({
  isOn: null,
  severity: null,
  forSeconds: null,
  clearForSeconds: null,
  threshold: null,
  scope: null,
  ...changes,
});
const asking = (rule: string, changes: object): AlertRulesConfig => ({
  rules: new Map([[rule, settings(changes)]]),
  own: [],
});

describe('what the fleet file says', () => {
  const lost: Told = { gpus: [gpu({ recoveryAction: 'Reset' })] };
  const fired = (config: AlertRulesConfig, told: Told) => {
    const watched = new Watched(config);
    watched.report(told);
    return watched.step(3);
  };

  test('off, another severity, another time, another threshold, a scope', () => {
    expect(fired(asking('recovery-action', { isOn: false }), lost).log).toEqual([]);
    expect(
      fired(asking('recovery-action', { severity: 'warning' }), lost).state.tracked[0]?.facts.severity,
    ).toBe('warning');
    expect(fired(asking('recovery-action', { forSeconds: 10 }), lost).firing).toEqual([]);
    const warm: Told = {
      gpus: [gpu({ temperature: { ...base.temperature, gpuCelsius: 72, slowdownCelsius: 90 } })],
    };
    expect(fired(asking('temperature', { threshold: 20, forSeconds: 0 }), warm).firing).toEqual([
      'temperature',
    ]);
    for (const [scope, fires] of [
      [{ hosts: ['group=training'], models: null }, true],
      [{ hosts: ['rack=b*'], models: null }, false],
      [{ hosts: ['gpu-0?'], models: [base.name ?? ''] }, true],
      [{ hosts: null, models: ['*nothing*'] }, false],
    ] as const)
      expect([scope, fired(asking('recovery-action', { scope }), lost).firing.length === 1]).toEqual([
        scope,
        fires,
      ]);
  });

  test('a rule that is turned off while it fires ends, and so does one that is no more', () => {
    const watched = fired(asking('recovery-action', {}), lost);
    const off = new Watched(asking('recovery-action', { isOn: false }));
    off.state = watched.state;
    expect(off.step(1).log).toMatchObject([{ kind: 'resolved', rule: 'recovery-action' }]);
    const gone = new Watched();
    gone.state = {
      ...watched.state,
      tracked: watched.state.tracked.map((each) => ({ ...each, rule: 'own:old' })),
    };
    expect(gone.step(1).log).toMatchObject([{ kind: 'resolved', rule: 'own:old' }]);
  });

  const own = (changes: Partial<OwnAlertRule>): AlertRulesConfig => ({
    rules: new Map(),
    own: [
      {
        name: 'own:mine',
        field: 'gpu.temperature',
        comparison: 'above',
        value: 80,
        forSeconds: 2,
        hysteresis: 5,
        severity: 'critical',
        scope: null,
        text: 'Call the room.',
        ...changes,
      },
    ],
  });

  test('a rule of one’s own fires, says its text, and has its hysteresis', () => {
    const watched = new Watched(own({}));
    const at = (gpuCelsius: number) =>
      watched.report({
        gpus: [gpu({ temperature: { ...base.temperature, gpuCelsius, slowdownCelsius: 120 } })],
      });
    at(81);
    watched.step(4);
    expect(watched.firing).toEqual(['own:mine']);
    expect(watched.state.tracked[0]?.facts).toMatchObject({
      cause: 'mine',
      severity: 'critical',
      whyItMatters: 'Call the room.',
      what: expect.stringContaining('above 80 °C'),
    });
    at(76);
    expect(watched.step(60).firing).toEqual(['own:mine']);
    at(75);
    expect(watched.step(31).firing).toEqual([]);
  });

  test.each([
    ['host.driver', 'is-not', '580.*', {}, false],
    ['host.driver', 'is', '999*', {}, false],
    ['host.gpus', 'below', 2, {}, true],
    ['gpu.persistence-mode', 'is', false, { persistenceMode: false }, true],
    ['gpu.persistence-mode', 'is', false, { persistenceMode: null }, false],
    ['gpu.retired-pages', 'above', 2, { retiredPages: { singleBit: 1, doubleBit: 2, pending: null } }, true],
    [
      'gpu.retired-pages',
      'above',
      2,
      { retiredPages: { singleBit: 3, doubleBit: null, pending: null } },
      true,
    ],
    ['gpu.retired-pages', 'below', 2, {}, false],
    [
      'gpu.ecc-uncorrectable-ever',
      'above',
      8,
      { ecc: { ...base.ecc, aggregate: { correctable: 0, uncorrectable: 9 } } },
      true,
    ],
    [
      'gpu.ecc-uncorrectable',
      'above',
      0,
      { ecc: { ...base.ecc, volatile: { correctable: 0, uncorrectable: null } } },
      false,
    ],
  ] as const)('%s %s %s', (field, comparison, value, changes, fires) => {
    const watched = new Watched(own({ field, comparison, value, forSeconds: 0, hysteresis: 0 }));
    const driver = { kernelDriverVersion: '580.95.05' };
    watched.report({ gpus: [gpu(changes)], report: { stack: { ...reportFixture().stack, ...driver } } });
    watched.step(2);
    expect(watched.firing.includes('own:mine')).toBe(fires);
  });

  test('every field of the list can be read', () => {
    expect([...readableFields].sort()).toEqual([...alertFieldNames].sort());
  });
});

describe('inhibition', () => {
  const hosts = [{ id: 'h1', hostname: 'gpu-01' }];
  test('a host that is gone speaks for all of it, a hung driver for its GPUs, and nobody for those that are not named', () => {
    const gone = silencedHosts([{ rule: 'host-gone', hosts, cause: 'Host gone' }]);
    expect(inhibitedBy({ rule: 'driver-hung', hosts }, gone)).toBe('Host gone');
    expect(inhibitedBy({ rule: 'gpu-lost', hosts }, gone)).toBe('Host gone');
    expect(inhibitedBy({ rule: 'host-gone', hosts }, gone)).toBeNull();
    expect(inhibitedBy({ rule: 'gpu-lost', hosts: [{ id: 'h2', hostname: 'x' }] }, gone)).toBeNull();
    expect(inhibitedBy({ rule: 'channel-dead', hosts: [] }, gone)).toBeNull();
    const key = silencedHosts([
      { rule: 'ssh-host-key', hosts, cause: 'SSH host key changed' },
      { rule: 'host-gone', hosts, cause: 'Host gone' },
    ]);
    expect(inhibitedBy({ rule: 'ssh-host-key', hosts }, key)).toBeNull();
    expect(inhibitedBy({ rule: 'host-gone', hosts }, key)).toBe('SSH host key changed');
    const hung = silencedHosts([{ rule: 'driver-hung', hosts, cause: 'Driver hung' }]);
    expect(inhibitedBy({ rule: 'xid-critical', hosts }, hung)).toBe('Driver hung');
    expect(inhibitedBy({ rule: 'host-gone', hosts }, hung)).toBeNull();
  });

  test.each([
    ['slurm-state', 'drained', /Slurm/],
    ['slurm-state', 'mixed+drain', /Slurm/],
    ['slurm-state', 'idle', null],
    ['kubernetes-cordoned', 'true', /cordoned/],
    ['kubernetes-cordoned', 'false', null],
  ])('%s=%s', (key, value, words) => {
    const reason = outOfService({ labels: [{ key, value }] });
    if (words === null) expect(reason).toBeNull();
    else expect(reason).toMatch(words);
  });
});

describe('a GPU that left the bus while nvidia-smi is dead', () => {
  const dead = { state: 'driver-failed', current: false, stateReason: 'nvidia-smi fails' } as const;
  const left = gpu({ state: 'lost', uuid: null, pciBusId: '0000:ff:00.0' });

  test('is a lost GPU, which only a report of now can say is over', () => {
    const watched = new Watched();
    watched.report({ gpus: [gpu(), left], pciGpus: pci([busId]), changes: { ...dead, gpusBefore: 2 } });
    expect(watched.step(130).firing.sort()).toEqual(['driver-failed', 'gpu-lost']);
    watched.report({ gpus: [gpu(), gpu({ uuid: 'GPU-2' })], changes: { ...dead, gpusBefore: 2 } });
    expect(watched.step(60).firing).toContain('gpu-lost');
    watched.report({ gpus: [gpu(), gpu({ uuid: 'GPU-2' })] });
    expect(watched.step(60).firing).toEqual([]);
  });

  test('is missed by the number of GPUs on the bus, where the agent does not remember it', () => {
    const watched = new Watched();
    watched.report({ gpus: [], pciGpus: pci([busId]), changes: { ...dead, gpusBefore: 2 } });
    expect(watched.step(61).firing).toEqual(['gpu-fewer']);
    expect(watched.log.at(-1)?.what).toMatch(/has 1 GPU on the PCI bus and had 2/);
  });

  test.each([
    ['as many are on the bus', pci([busId, '0000:ff:00.0'])],
    ['its GPUs are on no bus', []],
    ['the bus is not known', null],
  ])('and nothing is said where %s', (_, pciGpus) => {
    const watched = new Watched();
    watched.report({ gpus: [], pciGpus, changes: { ...dead, gpusBefore: 2 } });
    expect(watched.step(100).firing).toEqual([]);
  });

  test('hides none that has no driver: a GPU that left the bus stands for none that is on it', () => {
    const watched = new Watched();
    watched.report({ gpus: [gpu(), left], pciGpus: pci([busId, '0000:aa:00.0']) });
    expect(watched.step(31).firing.sort()).toEqual(['gpu-lost', 'gpu-missing']);
    expect(watched.log.map(({ what }) => what).join()).toMatch(/tells of 1 of the 2 GPUs.*0000:aa:00\.0/);
  });
});

test('the list of rules has no name twice', () => {
  expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
});
