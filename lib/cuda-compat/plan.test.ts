import { describe, expect, it } from 'vitest';
import type { CompatHost, CompatPlan } from '../model/index.ts';
import { container, gpu, host, requiring } from './judge.testing.ts';
import { oldestDriver, type PlanHost, planUpgrade } from './plan.ts';
import { branchSupport, driverFloor, driverVulnerabilities, toolkitVulnerabilities } from './security.ts';

const today = '2026-11-30';

const planHost = (id: string, of: CompatHost, more: Partial<PlanHost> = {}): PlanHost => ({
  id,
  host: of,
  toolkitMode: null,
  fabricManagerVersion: null,
  containers: [],
  ...more,
});
const kinds = ({ notes }: CompatPlan) => notes.map(({ kind, hostIds }) => [kind, ...hostIds]);
const keys = (all: CompatPlan['starts']) => all.map(({ key }) => key);

describe('the plan of an upgrade', () => {
  const old = planHost('old', host('550.54.15', 'H100', { toolkitVersion: '1.17.8' }), {
    containers: [
      { key: 'refused', container: requiring('12.8', 'cuda>=12.8', { injection: 'hook' }) },
      { key: 'newer', container: container('13.0', { injection: 'hook' }) },
      { key: 'bound', container: requiring('12.4', 'driver<570', { injection: 'hook' }) },
      { key: 'minor', container: container('12.8', { injection: 'hook' }) },
      { key: 'same', container: container('12.4', { injection: 'hook' }) },
      { key: 'nothing known', container: container(null, { injection: 'hook' }) },
    ],
  });

  it('says what starts to run, what stops, and what runs otherwise', () => {
    const plan = planUpgrade([old], { driver: '580.178.04', toolkit: null }, { today });
    expect(keys(plan.starts)).toEqual(['refused', 'newer']);
    expect(keys(plan.stops)).toEqual(['bound']);
    expect(keys(plan.differs)).toEqual(['minor']);
    expect(plan).toMatchObject({ hosts: 1, containers: 6, unknown: 1 });
    expect(plan.support).toMatchObject({
      branch: 580,
      kind: 'long-term support',
      supportedUntil: '2028-06',
      isOver: false,
    });
  });

  it('says of no driver outside the tables that it closes anything', () => {
    const hosts = [planHost('a', host('550.54.15', 'H100', { toolkitVersion: '1.16.0' }))];
    const known = planUpgrade(hosts, { driver: '580.178.04', toolkit: null }, { today });
    expect(known.closed.length).toBeGreaterThan(0);
    expect(planUpgrade(hosts, { driver: '999.10.01', toolkit: null }, { today }).closed).toEqual([]);
    const both = planUpgrade(hosts, { driver: '999.10.01', toolkit: '1.19.1' }, { today }).closed;
    expect(new Set(both.map(({ of }) => of))).toEqual(new Set(['toolkit']));
  });

  it('judges a container by the GPUs that it was given', () => {
    const [own, mixed] = [host('580.178.04', 'H100'), host('580.178.04', 'H100')];
    const all = { ...mixed, gpus: [...mixed.gpus, gpu('V100')] };
    const cuda = container('12.8', { injection: 'runtime-cdi' });
    const of = (given: Partial<PlanHost['containers'][number]>) =>
      planUpgrade(
        [planHost('a', all, { containers: [{ key: 'c', container: cuda, ...given }] })],
        { driver: '590.48.01', toolkit: null },
        { today },
      );
    expect(keys(of({}).stops)).toEqual(['c']);
    expect(of({ host: own })).toMatchObject({ stops: [], starts: [], differs: [] });
  });

  it('asks anew whether a compat package is used, where the toolkit decides that', () => {
    const hosts = (toolkitVersion: string, isUsed: boolean) => [
      planHost('a', host('535.309.01', 'A100', { toolkitVersion }), {
        containers: [
          {
            key: 'c',
            container: container('12.8', {
              injection: 'hook',
              compatPackage: { cudaVersion: '12.8', driverVersion: null, driverBranches: null, isUsed },
            }),
          },
        ],
      }),
    ];
    const of = (toolkit: string, isUsed: boolean) =>
      planUpgrade(hosts(toolkit, isUsed), { driver: '580.178.04', toolkit: null }, { today });
    // The toolkit put it there, and does not once the driver is newer.
    expect(of('1.17.8', true)).toMatchObject({ stops: [], differs: [{ after: { verdict: 'runs' } }] });
    // The image itself did: it stays in the way.
    expect(keys(of('1.17.4', true).stops)).toEqual(['c']);
  });

  it('names GPUs that lose their driver', () => {
    const hosts = [
      planHost('volta', host('535.309.01', 'V100')),
      planHost('turing', host('535.309.01', 'T4')),
    ];
    expect(kinds(planUpgrade(hosts, { driver: '590.48.01', toolkit: null }, { today }))).toEqual([
      ['gpu-loses-support', 'volta'],
      ['support-ends', 'volta', 'turing'],
    ]);
    expect(kinds(planUpgrade(hosts, { driver: '580.178.04', toolkit: null }, { today }))).toEqual([]);
  });

  it('names GPUs that get one, and the kernel modules that they need', () => {
    const hosts = [planHost('b', host('565.57.01', 'B200', { moduleFlavour: 'proprietary' }))];
    expect(kinds(planUpgrade(hosts, { driver: '580.178.04', toolkit: null }, { today }))).toEqual([
      ['gpu-gets-support', 'b'],
      ['open-modules', 'b'],
    ]);
  });

  it('says that R620 has the open modules only', () => {
    const hosts = [planHost('h', host('595.71.05', 'H100', { moduleFlavour: 'proprietary' }))];
    expect(kinds(planUpgrade(hosts, { driver: '620.70.06', toolkit: null }, { today }))).toEqual([
      ['open-modules', 'h'],
    ]);
  });

  it('lets fabric manager move with the driver', () => {
    const hosts = [
      planHost('nvswitch', host('580.95.05', 'H100'), { fabricManagerVersion: '580.95.05' }),
      planHost('pcie', host('580.95.05', 'H100')),
    ];
    expect(kinds(planUpgrade(hosts, { driver: '580.178.04', toolkit: null }, { today }))).toEqual([
      ['fabric-manager', 'nvswitch'],
    ]);
  });

  it('tells vulnerabilities that it closes, and those that stay', () => {
    const hosts = [planHost('h', host('580.95.05', 'H100', { toolkitVersion: '1.17.7' }))];
    const plan = planUpgrade(hosts, { driver: '580.126.09', toolkit: '1.19.0' }, { today });
    const closed = plan.closed.map(({ cve }) => cve);
    expect(closed).toContain('CVE-2025-23266');
    expect(closed.some((cve) => cve.startsWith('CVE-2025-33'))).toBe(true);
    expect(plan.left.map(({ bulletin }) => bulletin)).toContain('5821');
    expect(plan.left.map(({ cve }) => cve)).toContain('CVE-2026-24260');
    expect(planUpgrade(hosts, { driver: '580.178.04', toolkit: '1.20.0' }, { today }).left).toEqual([]);
  });

  it('knows that toolkit 1.18 stops checking requirements, unless its mode is set', () => {
    const change = { driver: null, toolkit: '1.18.1' };
    const asked = {
      containers: [{ key: 'c', container: requiring('12.8', 'cuda>=12.8', { injection: 'runtime-legacy' }) }],
    };
    const of = host('550.54.15', 'H100', { toolkitVersion: '1.17.8' });
    const plan = planUpgrade([planHost('h', of, asked)], change, { today });
    expect(keys(plan.starts)).toEqual(['c']);
    expect(kinds(plan)).toEqual([['toolkit-mode', 'h']]);
    const set = planUpgrade([planHost('h', of, { ...asked, toolkitMode: 'legacy' })], change, { today });
    expect(keys(set.starts)).toEqual([]);
    expect(kinds(set)).toEqual([]);
  });

  it('says what it does not know of a driver newer than the tables', () => {
    const plan = planUpgrade(
      [planHost('h', host('580.95.05', 'T4'))],
      { driver: '640.1', toolkit: null },
      { today },
    );
    expect(kinds(plan)).toContainEqual(['outside-the-tables', 'h']);
    expect(plan.support).toBeNull();
  });
});

describe('the oldest supported driver on which everything runs', () => {
  it('is the oldest without known vulnerabilities', () => {
    const hosts = [
      planHost('h', host('550.54.15', [gpu('V100')]), {
        containers: [{ key: 'a', container: container('12.8') }],
      }),
    ];
    expect(oldestDriver(hosts, { today })).toMatchObject({ driver: '580.159.03', blockers: [], unknown: 0 });
  });

  it('goes on where an older one will not do', () => {
    const hosts = [
      planHost('h', host('550.54.15', 'H100'), {
        containers: [
          { key: 'a', container: requiring('13.2', 'cuda>=13.2', { injection: 'hook' }) },
          { key: 'b', container: container(null) },
        ],
      }),
    ];
    expect(oldestDriver(hosts, { today })).toMatchObject({ driver: '595.71.05', unknown: 1 });
  });

  it('does not exist where two want what excludes each other', () => {
    const hosts = [
      planHost('h', host('580.95.05', 'V100'), {
        containers: [{ key: 'a', container: container('12.4') }],
      }),
      planHost('i', host('580.95.05', 'H100'), {
        containers: [{ key: 'b', container: requiring('13.2', 'cuda>=13.2', { injection: 'hook' }) }],
      }),
    ];
    const { driver, blockers } = oldestDriver(hosts, { today });
    expect(driver).toBeNull();
    expect(keys(blockers)).toEqual(['b']);
  });
});

describe('known vulnerabilities', () => {
  it('end at the floor of the branch', () => {
    expect(driverFloor(580)).toBe('580.159.03');
    expect(driverFloor(535)).toBe('535.309.01');
    expect(driverFloor(570)).toBe('570.211.01');
    expect(driverVulnerabilities('580.159.03')).toEqual([]);
    expect(driverVulnerabilities('580.142')?.every(({ bulletin }) => bulletin === '5821')).toBe(true);
    expect(driverVulnerabilities('700.1')).toBeNull();
  });

  it('stay open in a branch that gets no more fixes', () => {
    const open = driverVulnerabilities('570.211.01') ?? [];
    expect(open.length).toBeGreaterThan(0);
    expect(open.every(({ fixedIn, bulletin }) => fixedIn === null && bulletin === '5821')).toBe(true);
  });

  it('of the toolkit end at 1.19.1', () => {
    expect(toolkitVulnerabilities('1.19.1')).toEqual([]);
    expect(toolkitVulnerabilities('1.19.0').map(({ cve }) => cve)).toEqual(['CVE-2026-24260']);
    expect(toolkitVulnerabilities('1.16.1')[0]).toMatchObject({ cve: 'CVE-2024-0132', cvss: 9 });
  });

  it('knows when support ends', () => {
    expect(branchSupport('535.309.01', '2026-06-30')?.isOver).toBe(false);
    expect(branchSupport('535.309.01', '2026-07-01')?.isOver).toBe(true);
    expect(branchSupport('620.70.06', today)?.isOver).toBeNull();
    expect(branchSupport('999.1', today)).toBeNull();
  });
});
