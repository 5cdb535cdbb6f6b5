import { describe, expect, it } from 'vitest';
import { noCompatRows, type SiteCompatRows } from '../model/index.ts';
import { compatData } from './data/index.ts';
import { container, host } from './judge.testing.ts';
import { judge } from './judge.ts';
import { withSiteRows } from './site-rows.ts';

const tables = (rows: Partial<SiteCompatRows>) => {
  const made = withSiteRows(compatData, { ...noCompatRows, ...rows });
  if (!made.ok) throw new Error(made.faults.join('; '));
  return made.data;
};

describe('rows of a site', () => {
  it('add a CUDA and a driver that are newer than the tables', () => {
    const data = tables({
      toolkits: [{ toolkit: '13.6', linuxDriver: '625.10.01' }],
      branches: [{ branch: 625, cuda: '13.6', supportedUntil: null }],
    });
    const newer = host('625.10.01', 'H100');
    expect(judge(newer, container('13.6')).way).toBe('minor-version');
    const verdict = judge(newer, container('13.6'), data);
    expect(verdict).toMatchObject({ verdict: 'runs', way: 'native' });
  });

  it('name a GPU that is in no table', () => {
    const data = tables({
      gpus: [{ name: 'NVIDIA X7', computeCapability: '9.0', productClass: 'data-center' }],
    });
    const of = host('580.65.06', 'NVIDIA X7 96GB');
    expect(judge(of, container('13.0')).verdict).toBe('unknown');
    expect(judge(of, container('13.0'), data).verdict).toBe('runs');
  });

  it('say otherwise which drivers a compat package takes', () => {
    const used = container('13.0', {
      compatPackage: { cudaVersion: '13.0', driverVersion: null, driverBranches: null, isUsed: true },
    });
    const data = tables({ packages: [{ compat: '13.0', branches: [535, 550, 570] }] });
    expect(judge(host('550.163.01', 'A100'), used).verdict).toBe('fails-at-init');
    expect(judge(host('550.163.01', 'A100'), used, data).way).toBe('forward-compat');
  });

  it('that do not fit are refused together', () => {
    const made = withSiteRows(compatData, {
      ...noCompatRows,
      toolkits: [{ toolkit: '13.9', linuxDriver: '630.1' }],
      gpus: [{ name: 'X8', computeCapability: '42.0', productClass: 'geforce' }],
    });
    expect(made.ok ? [] : made.faults).toEqual([
      'toolkits: there is a gap between 13.5.0 and 13.9.0',
      'toolkits: 13.9.0: no branch of 630.1',
      'products: there is no architecture of 42.0',
    ]);
  });

  it('change nothing when there are none', () => {
    expect(withSiteRows(compatData, noCompatRows)).toMatchObject({ ok: true });
  });
});
