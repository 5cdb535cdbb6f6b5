import { describe, expect, it } from 'vitest';
import { fixture } from './fixtures/read.ts';
import { isNvlinkText, parseSmiNvlink } from './nvlink.ts';
import { isTopoText, parseSmiTopo } from './topo.ts';

const topo = fixture('topo.txt');
const nvlink = fixture('nvlink.txt');

describe('parseSmiTopo', () => {
  it('reads matrix, affinities and legend through underlines and tabs', () => {
    const told = parseSmiTopo(topo);
    expect([told.problems, told.failure]).toEqual([[], null]);
    expect(told.devices).toEqual([
      { name: 'GPU0', gpuIndex: 0, cpuAffinity: '0-55,112-167', numaAffinity: '0', gpuNumaId: null },
      { name: 'GPU1', gpuIndex: 1, cpuAffinity: '56-111', numaAffinity: '1', gpuNumaId: null },
      { name: 'NIC0', gpuIndex: null, cpuAffinity: null, numaAffinity: null, gpuNumaId: null },
    ]);
    expect(told.links.filter(({ from }) => from === 'GPU0')).toEqual([
      { from: 'GPU0', to: 'GPU1', link: 'NV18', nvlinks: 18 },
      { from: 'GPU0', to: 'NIC0', link: 'PIX', nvlinks: null },
    ]);
    expect(told.links).toHaveLength(6);
    expect(told.legend['NV#']).toBe('Connection traversing a bonded set of # NVLinks');
    expect(told.nics).toEqual({ NIC0: 'mlx5_0' });
  });

  it('reads a table of blanks, and one without its head', () => {
    const spaced = 'GPU0     X      PHB     0-11    N/A\nGPU1    PHB      X      0-11    N/A\n';
    const head = '        GPU0    GPU1    CPU Affinity    NUMA Affinity\n';
    for (const text of [spaced, head + spaced]) {
      expect(isTopoText(text)).toBe(true);
      const { devices, links, problems, failure } = parseSmiTopo(text);
      expect([problems, failure]).toEqual([[], null]);
      expect(devices.map(({ cpuAffinity, numaAffinity }) => [cpuAffinity, numaAffinity])).toEqual([
        ['0-11', null],
        ['0-11', null],
      ]);
      expect(links.map(({ from, to, link }) => `${from} ${to} ${link}`)).toEqual([
        'GPU0 GPU1 PHB',
        'GPU1 GPU0 PHB',
      ]);
    }
  });

  it('leaves out a row that is cut, and says so', () => {
    const { devices, failure } = parseSmiTopo(`${topo.slice(0, topo.indexOf('GPU1\tNV18') + 9)}\n`);
    expect(devices.map(({ name }) => name)).toEqual(['GPU0']);
    expect(failure?.code).toBe('truncated');
  });

  it('is no topology', () => {
    for (const text of ['GPU0\n', 'GPU 0: a (UUID: b)\n', 'hello X\n', ''])
      expect(isTopoText(text)).toBe(false);
  });
});

describe('parseSmiNvlink', () => {
  it('reads speeds, errors, what is inactive and why there is nothing', () => {
    const { gpus, problems, failure } = parseSmiNvlink(nvlink);
    expect([problems, failure]).toEqual([[], null]);
    expect(gpus.map(({ index, links, unavailable }) => [index, links.length, unavailable])).toEqual([
      [0, 2, null],
      [1, 0, 'Nvlink queries are not supported for Devices in MIG mode'],
      [2, 0, 'NVML: Unable to retrieve Nvlink information as all links are inActive'],
    ]);
    expect(gpus[0]?.links).toMatchObject([
      { link: 0, isActive: true, bytesPerSecond: 26_562_000_000, replayErrors: null },
      {
        link: 1,
        isActive: false,
        bytesPerSecond: null,
        replayErrors: 3,
        recoveryErrors: 0,
        crcErrors: 12,
        capabilities: { 'P2P is supported': true },
      },
    ]);
  });

  it('tells of lines that it does not know', () => {
    const { problems } = parseSmiNvlink(nvlink.replace('26.562 GB/s', 'fast'));
    expect(problems).toMatchObject([{ field: 'nvlink:', text: 'Link 0: fast' }]);
  });

  it('is told apart from a list', () => {
    expect(isNvlinkText(nvlink)).toBe(true);
    expect(
      isNvlinkText(
        nvlink
          .split('\n')
          .filter((line) => line.startsWith('GPU'))
          .join('\n'),
      ),
    ).toBe(false);
  });
});

it('a link that no gpufleet knows is a problem, and its GPUs stay', () => {
  const text = '\tGPU0\tGPU1\tCPU Affinity\nGPU0\t X \tC2C\t0-55\nGPU1\tC2C\t X \t56-111\n';
  const { devices, links, problems, failure } = parseSmiTopo(text);
  expect(devices.map(({ name, cpuAffinity }) => [name, cpuAffinity])).toEqual([
    ['GPU0', '0-55'],
    ['GPU1', '56-111'],
  ]);
  expect(links).toEqual([]);
  expect(problems).toEqual([
    { field: 'topo:GPU0', text: 'C2C', message: 'is no kind of link that is known, to GPU1' },
    { field: 'topo:GPU1', text: 'C2C', message: 'is no kind of link that is known, to GPU0' },
  ]);
  expect(failure).toBeNull();
});

it.each(['c2c', 'NV18*', 'NV-X', 'ALONGERNAMEOFALINK'])('a link that is new may be written as %s', (word) => {
  const text = `\tGPU0\tGPU1\tCPU Affinity\nGPU0\t X \t${word}\t0-55\nGPU1\t${word}\t X \t56-111\n`;
  const { devices, problems, failure } = parseSmiTopo(text);
  expect(devices.map(({ name }) => name)).toEqual(['GPU0', 'GPU1']);
  expect(problems.map((problem) => problem.text)).toEqual([word, word]);
  expect(failure).toBeNull();
});

it('the head of a matrix of one GPU is no GPU', () => {
  const text = '\tGPU0\tCPU Affinity\tNUMA Affinity\tGPU NUMA ID\nGPU0\t X \t0-15\t0\t\tN/A\n';
  const { devices, problems, failure } = parseSmiTopo(text);
  expect(devices.map(({ name, cpuAffinity }) => [name, cpuAffinity])).toEqual([['GPU0', '0-15']]);
  expect([problems, failure]).toEqual([[], null]);
});
