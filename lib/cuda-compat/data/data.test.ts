import { describe, expect, it } from 'vitest';
import { productOf } from '../gpu-names.ts';
import { capabilityOfPciDevice } from '../pci.ts';
import { faultsOfData, lowConfidenceRows } from './check-data.ts';
import { compatData } from './index.ts';

describe('the tables', () => {
  it('have no gaps, rise where they must, and say where each row is from', () => {
    expect(faultsOfData(compatData)).toEqual([]);
  });

  it.each([
    ['a gap', { toolkits: compatData.toolkits.filter(({ toolkit }) => !toolkit.startsWith('12.5')) }, 'gap'],
    [
      'a toolkit that needs an older driver',
      {
        toolkits: compatData.toolkits.map((row) =>
          row.toolkit === '12.4.0' ? { ...row, linuxDriver: '525.60.13' } : row,
        ),
      },
      'older than',
    ],
    [
      'a date that is none',
      {
        branches: compatData.branches.map((row) =>
          row.branch === 580 ? { ...row, supportedUntil: '2028-13' } : row,
        ),
      },
      'is no date',
    ],
    [
      'a row without a source',
      { forward: compatData.forward.map((row) => ({ ...row, source: 'hearsay' as 'site' })) },
      'no source',
    ],
    [
      'a package for a newer driver',
      { forward: compatData.forward.map((row) => ({ ...row, branches: [620] })) },
      'itself',
    ],
  ])('are refused with %s', (_, change, fault) => {
    expect(faultsOfData({ ...compatData, ...change }).join('\n')).toContain(fault);
  });

  it('list what rests on memory', () => {
    expect(lowConfidenceRows(compatData)).toContain('forward: compat 13.5');
    expect(lowConfidenceRows(compatData)).toContain('branches: branch 590');
  });

  it.each([
    ['NVIDIA H100 80GB HBM3', '9.0', 'data-center'],
    ['NVIDIA H100 PCIe', '9.0', 'data-center'],
    ['Tesla V100-SXM2-16GB', '7.0', 'data-center'],
    ['Tesla T4', '7.5', 'data-center'],
    ['NVIDIA A10', '8.6', 'data-center'],
    ['NVIDIA A100-SXM4-80GB', '8.0', 'data-center'],
    ['NVIDIA A100 80GB PCIe MIG 1g.10gb', '8.0', 'data-center'],
    ['GRID A100-10C', '8.0', 'data-center'],
    ['NVIDIA L4', '8.9', 'data-center'],
    ['NVIDIA L40S', '8.9', 'data-center'],
    ['NVIDIA RTX 6000 Ada Generation', '8.9', 'workstation'],
    ['NVIDIA RTX 4000 SFF Ada Generation', '8.9', 'workstation'],
    ['Quadro RTX 6000', '7.5', 'workstation'],
    ['NVIDIA RTX A6000', '8.6', 'workstation'],
    ['NVIDIA GeForce RTX 4090', '8.9', 'geforce'],
    ['RTX 4090', '8.9', 'geforce'],
    ['NVIDIA GeForce GTX 1080 Ti', '6.1', 'geforce'],
    ['NVIDIA TITAN RTX', '7.5', 'geforce'],
    ['NVIDIA RTX PRO 6000 Blackwell Server Edition', '12.0', 'data-center'],
    ['NVIDIA RTX PRO 6000 Blackwell Workstation Edition', '12.0', 'workstation'],
    ['NVIDIA GB200', '10.0', 'data-center'],
    ['NVIDIA GB10', '12.1', 'workstation'],
    ['Orin (nvgpu)', '8.7', 'jetson'],
  ])('know %s', (name, computeCapability, productClass) => {
    expect(productOf(compatData, name)).toMatchObject({ computeCapability, productClass });
  });

  it('know a GPU by its PCI device id', () => {
    expect(capabilityOfPciDevice('2330')).toBe('9.0');
    expect(capabilityOfPciDevice('1eb8')).toBe('7.5');
    expect(capabilityOfPciDevice('2901')).toBe('10.0');
    expect(capabilityOfPciDevice('1db6')).toBeNull();
  });

  it.each(['NVIDIA Graphics Device', 'RTX 6000', 'A1000000', '', 'NVIDIA'])('do not guess "%s"', (name) => {
    expect(productOf(compatData, name)).toBeNull();
  });
});
