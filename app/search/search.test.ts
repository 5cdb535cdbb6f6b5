import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Alert, ContainerView, HostSummary } from '../../lib/model/index.ts';
import { placesFor } from '../places.ts';
import { createIndex, findItems, mostFound, prefixDistance } from './find.ts';
import { actionItem, alertItem, containerItems, fleetItems, placeItem } from './items.ts';

function host(number: number, changes: Partial<HostSummary> = {}): HostSummary {
  const name = `gpu-${String(number).padStart(2, '0')}`;
  return {
    id: `id-${name}`,
    hostname: name,
    group: number % 2 === 0 ? 'training' : 'inference',
    labels: [{ key: 'rack', value: `r${number}`, source: 'agent' }],
    state: 'ok',
    stateReason: '',
    stateSince: '2026-01-01T00:00:00.000Z',
    lastReportAt: null,
    intervalSeconds: 5,
    current: true,
    maintenance: null,
    driverVersion: number === 3 ? '570.86.15' : '580.159.03',
    cudaVersion: '13.0',
    containerCount: 0,
    gpus: Array.from({ length: 8 }, (_, index) => ({
      uuid: `GPU-${number}333-${index}`,
      index,
      name: 'NVIDIA H100 80GB HBM3',
      state: 'ok' as const,
      utilizationRatio: null,
      memoryUsedBytes: null,
      memoryTotalBytes: null,
      temperatureCelsius: null,
      powerWatts: null,
      powerLimitWatts: null,
      throttleReasons: null,
      migDevices: [],
      processCount: 0,
      faults: [],
    })),
    ...changes,
  };
}

const container = (name: string, image: string) =>
  ({ id: `${name}-id`, name, image, hostname: 'gpu-01', namespace: null, pod: null }) as ContainerView;

const actions = [
  { id: 'theme', label: 'Theme: dark', detail: 'dark colours', role: 'viewer', run: () => undefined },
  { id: 'link', label: 'Copy link', detail: 'address', role: 'viewer', run: () => undefined },
] as const;

const index = createIndex([
  ...placesFor('admin').map(placeItem),
  ...actions.map(actionItem),
  ...fleetItems(Array.from({ length: 12 }, (_, at) => host(at + 1))),
  ...containerItems([
    container('llm-pretrain', 'pytorch/pytorch:2.9'),
    container('serve', 'vllm/vllm-openai:0.9'),
  ]),
]);
const labels = (text: string) => findItems(index, text).map(({ label }) => label);
const first = (text: string) => findItems(index, text)[0];

describe('search', () => {
  it('finds a GPU by host and number, the exact label first', () => {
    expect(first('gpu-02 GPU 3')).toMatchObject({ kind: 'GPU', label: 'gpu-02 GPU 3' });
    expect(first('gpu-02')).toMatchObject({ kind: 'host', label: 'gpu-02' });
  });

  it('finds an alert by what it says, its rule and its host, after the host itself', () => {
    const alert = {
      id: 'a1b2',
      rule: 'host-gone',
      phase: 'firing',
      severity: 'critical',
      cause: 'gpu-05',
      what: 'gpu-05 stopped reporting',
      hosts: [{ id: 'id-gpu-05', hostname: 'gpu-05' }],
      quiet: null,
    } as unknown as Alert;
    const both = createIndex([...fleetItems([host(5)]), alertItem(alert)]);
    const found = {
      kind: 'alert',
      target: { href: '/alerts/a1b2' },
      detail: 'firing · critical · host-gone',
    };
    expect(findItems(both, 'host-gone')[0]).toMatchObject(found);
    expect(findItems(both, 'stopped')[0]).toMatchObject(found);
    expect(
      findItems(both, 'gpu-05')
        .slice(0, 2)
        .map(({ kind }) => kind),
    ).toEqual(['host', 'alert']);
  });

  it('puts what a page does with a thing after the thing', () => {
    const action = {
      id: 'x',
      label: 'Export gpu-05 GPU 3 charts as CSV',
      detail: '',
      role: 'viewer',
      run: () => undefined,
    } as const;
    const both = createIndex([actionItem(action), ...fleetItems([host(5)])]);
    expect(findItems(both, 'GPU 3')[0]).toMatchObject({ kind: 'GPU', label: 'gpu-05 GPU 3' });
  });

  it('prefers the number in the label to a digit in a uuid', () =>
    expect(labels('GPU 3 gpu-05')[0]).toBe('gpu-05 GPU 3'));

  it('finds hosts by label, driver, group and id; GPUs by uuid', () => {
    expect(first('rack=r7')).toMatchObject({ kind: 'label', label: 'rack=r7' });
    expect(labels('rack=r7')).toContain('gpu-07');
    expect(first('570.86')).toMatchObject({ kind: 'driver', target: { href: '/hosts?q=570.86.15' } });
    expect(first('training')).toMatchObject({ kind: 'group' });
    expect(first('id-gpu-04')).toMatchObject({ label: 'gpu-04' });
    expect(first('GPU-4333-6')).toMatchObject({ label: 'gpu-04 GPU 6' });
  });

  it('finds images and containers, and leads to the ones by a filter and to the others by their address', () => {
    expect(first('vllm-openai')).toMatchObject({
      kind: 'image',
      target: { href: '/containers?q=vllm%2Fvllm-openai%3A0.9' },
    });
    expect(first('llm-pre')).toMatchObject({
      kind: 'container',
      target: { href: expect.stringMatching(/^\/containers\/.+\/.*llm-pretrain/) },
    });
  });

  it('offers pages and actions, and lets a fleet of gpu-… not hide the page GPUs', () => {
    expect(first('gpus')).toMatchObject({ kind: 'page', target: { href: '/gpus' } });
    expect(labels('gpu')).toContain('GPUs');
    expect(new Set(findItems(index, 'gpu').map(({ kind }) => kind)).size).toBeGreaterThan(2);
    expect(first('dark')).toMatchObject({ kind: 'action' });
  });

  it.each([
    ['contianers', 'Containers'],
    ['ptyorch', 'pytorch/pytorch:2.9'],
    ['infernce', 'inference'],
    ['vlmm/openia', 'vllm/vllm-openai:0.9'],
    ['thme dark', 'Theme: dark'],
    ['pretrian', 'llm-pretrain'],
  ])('understands %s', (typed, meant) => expect(labels(typed)[0]).toBe(meant));

  it('finds nothing for a word that is nowhere near anything', () => {
    expect(labels('gpu-02 zebra')).toEqual([]);
    expect(labels('qqqq')).toEqual([]);
    expect(labels('   ')).toEqual([]);
  });

  it('takes any text, and gives at most twelve different ones', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        const found = findItems(index, text);
        expect(found.length).toBeLessThanOrEqual(mostFound);
        expect(new Set(found).size).toBe(found.length);
      }),
    );
  });

  it('finds every item that it has by its label', () => {
    for (const item of index.items)
      expect(findItems(index, item.label).some(({ label }) => label === item.label)).toBe(true);
  });
});

describe('prefixDistance', () => {
  it.each([
    ['abc', 'abcdef', 0],
    ['abd', 'abcdef', 1],
    ['bac', 'abcdef', 1],
    ['ac', 'abc', 1],
    ['abxyz', 'abcdef', 3],
  ])('%s is %s but for %d', (typed, word, distance) => expect(prefixDistance(typed, word, 3)).toBe(distance));
});

/** 1,250 hosts of 8: what a keystroke costs beside painting. The bench says it exactly; here it must be a frame. */
it('answers a keystroke in a fleet of ten thousand GPUs within a frame', () => {
  const big = createIndex(fleetItems(Array.from({ length: 1250 }, (_, at) => host(at + 1))));
  const texts = ['g', 'gp', 'gpu-12', 'gpu-1249 gpu 7', 'h100', 'rack=r99', 'zzzz', 'trainign'];
  const costs = texts.map((text) => {
    const rounds = Array.from({ length: 7 }, () => {
      const started = process.threadCpuUsage();
      findItems(big, text);
      const { user, system } = process.threadCpuUsage(started);
      return (user + system) / 1000;
    });
    return rounds.sort((a, b) => a - b)[3] ?? Number.NaN;
  });
  expect(Math.max(...costs)).toBeLessThan(16);
});
