import { describe, expect, test } from 'vitest';
import type { HostAccess } from '../../access/host-access.ts';
import { nodeLabels, nodeUrl, readNodeLabels } from './kubernetes.ts';

const node = {
  kind: 'Node',
  metadata: {
    labels: {
      'topology.kubernetes.io/zone': 'north-1',
      'nvidia.com/gpu.product': 'NVIDIA-H100',
      'nvidia.com/gpu.count': '8',
      'kubernetes.io/hostname': 'gpu-1',
      'feature.node.kubernetes.io/cpu-model': '',
      [`x.example.com/${'long'.repeat(20)}`]: 'y',
      bad: 7,
    },
  },
};

describe('labels of a node', () => {
  test.each([
    [[], {}],
    [['topology.kubernetes.io/zone'], { 'topology.kubernetes.io/zone': 'north-1' }],
    [['nvidia.com/*'], { 'nvidia.com/gpu.product': 'NVIDIA-H100', 'nvidia.com/gpu.count': '8' }],
    [['nvidia.com/gpu.c*t', 'nvidia.com'], { 'nvidia.com/gpu.count': '8' }],
    // A dot is a dot.
    [['topologyXkubernetes.io/zone'], {}],
  ])('%j takes those that it names', (patterns, expected) =>
    expect(nodeLabels(node, patterns)).toEqual(expected),
  );

  test('what no host may have, and what is no text, is left out', () => {
    expect(Object.keys(nodeLabels(node, ['*']) ?? {})).toHaveLength(5);
  });

  test('a cordoned node says so, whatever labels were asked for', () => {
    expect(nodeLabels({ ...node, spec: { unschedulable: true } }, [])).toEqual({
      'kubernetes-cordoned': 'true',
    });
    expect(nodeLabels({ ...node, spec: { unschedulable: false } }, [])).toEqual({});
  });

  test.each([null, 7, {}, { metadata: null }, { metadata: { labels: 'x' } }])('%j is no node', (answer) =>
    expect(nodeLabels(answer, ['*'])).toBeNull(),
  );

  test('a name that is none stays one segment of the address', () => {
    const api = { host: '10.0.0.1', port: 443 };
    expect(nodeUrl({ node: '../secrets', patterns: [], api })).toBe(
      'https://10.0.0.1:443/api/v1/nodes/..%2Fsecrets',
    );
  });
});

const access = (files: Record<string, string>) =>
  ({
    readFile: async (path: string) => {
      const text = files[path.split('/').at(-1) ?? ''];
      return text === undefined
        ? { outcome: 'absent', message: 'ENOENT' }
        : { outcome: 'read', text, truncated: false };
    },
  }) as unknown as HostAccess;

test('outside of a pod nobody is asked; without a service account that is said; a dead server is a failure', async () => {
  const options = { node: 'gpu-1', patterns: ['*'] };
  expect(await readNodeLabels(access({}), { ...options, api: null })).toMatchObject({ state: 'absent' });
  const api = { host: '127.0.0.1', port: 1 };
  expect(await readNodeLabels(access({}), { ...options, api })).toMatchObject({
    state: 'failed',
    failure: { code: 'insufficient-permissions' },
  });
  expect(await readNodeLabels(access({ token: 't', 'ca.crt': '' }), { ...options, api })).toMatchObject({
    state: 'failed',
  });
});
