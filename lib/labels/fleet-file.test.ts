import { describe, expect, test } from 'vitest';
import { type FleetFileContent, readFleetFile } from './fleet-file.ts';

const content = (text: string): FleetFileContent => {
  const result = readFleetFile(text, 'fleet.yaml');
  if (!result.ok) throw new Error(result.faults.join('\n'));
  return result.content;
};
const faults = (text: string): readonly string[] => {
  const result = readFleetFile(text, 'fleet.yaml');
  return result.ok ? [] : result.faults;
};
const id = '4b1c9e2a-3f60-4d7e-9a51-0c2d8e7f6a10';

describe('labels of a host', () => {
  const { labelsOf } = content(`
hosts:
  ${id}: { labels: { rack: by-id } }
  GPU-07: { labels: { rack: by-name, owner: lab } }
  gpu-*: { labels: { rack: by-glob, group: h100, room: "1" } }
  "*-07": { labels: { room: "2" } }
`);

  test('an id wins over a hostname, a hostname over a glob, a later glob over an earlier one', () => {
    expect(labelsOf({ id: 'other-host-id', hostname: 'gpu-01' })).toEqual({
      rack: 'by-glob',
      group: 'h100',
      room: '1',
    });
    expect(labelsOf({ id: 'other-host-id', hostname: 'gpu-07' })).toEqual({
      rack: 'by-name',
      owner: 'lab',
      group: 'h100',
      room: '2',
    });
    expect(labelsOf({ id, hostname: 'gpu-07' })).toMatchObject({ rack: 'by-id', owner: 'lab' });
    expect(labelsOf({ id, hostname: 'storage-1' })).toEqual({ rack: 'by-id' });
  });

  test('capitals of a hostname make no difference', () => {
    expect(labelsOf({ id: 'other-host-id', hostname: 'Gpu-07' })).toMatchObject({ owner: 'lab' });
  });
});

test('a version stays as it is written, with its zero at the end', () => {
  const { baselines } = content(
    'groups:\n  h100:\n    baseline: { driver: 580.10, cuda: 13.0, kernel: 6 }\n',
  );
  expect(baselines.get('h100')).toEqual({ driver: '580.10', cuda: '13.0', kernel: '6' });
});

test.each([
  '',
  '# nothing yet\n',
  'hosts:\ngroups:\n',
  'hosts:\n  gpu-1:\n',
  'groups:\n  a: { baseline: }\n',
])('a file that says little is a good file: %j', (text) =>
  expect(content(text).labelsOf({ id, hostname: 'gpu-1' })).toEqual({}),
);

describe('a bad file', () => {
  test('is told with every fault, each with its line', () => {
    expect(
      faults(`hosts:
  gpu-1:
    labels:
      rack: a1
      9lives: x
      owner: "a\\nb"
  gpu-[1-4]: { labels: { rack: a } }
  gpu-2: { lables: { rack: a } }
groups:
  h100:
    baseline:
      driver: 580.159.03
      driwer: "1"
      cuda: ""
      kernel: [6]
host: {}
`),
    ).toEqual([
      'fleet.yaml:5: hosts › gpu-1 › labels › 9lives: must begin with a letter, and then has letters, digits and _ . - /',
      'fleet.yaml:6: hosts › gpu-1 › labels › owner: has a line break or another control character',
      'fleet.yaml:7: hosts › gpu-[1-4]: is no hostname or host id; only * (any run of characters) and ? (one) stand for others',
      'fleet.yaml:8: hosts › gpu-2 › lables: is not known here',
      'fleet.yaml:13: groups › h100 › baseline › driwer: is not known here',
      'fleet.yaml:14: groups › h100 › baseline › cuda: is empty: give a version, or leave the line out',
      'fleet.yaml:15: groups › h100 › baseline › kernel: must be plain text',
      'fleet.yaml:16: host: is not known here',
    ]);
  });

  test.each([
    ['hosts: [a]\n', 'fleet.yaml:1: hosts: must be a map from hostname, host id or pattern to labels'],
    ['- a\n', 'fleet.yaml:1: must have hosts:, groups: or alerts: at its top'],
    ['hosts:\n  a: {}\n  a: {}\n', 'fleet.yaml:3: Map keys must be unique'],
    ['hosts:\n  a: [\n', 'fleet.yaml:3: Flow sequence'],
    ['hosts:\n  a: !!js x\n', 'fleet.yaml:2: Unresolved tag'],
    [
      'hosts:\n  a: { labels: x }\n',
      'fleet.yaml:2: hosts › a › labels: must be a map of labels, such as rack: a1',
    ],
  ])('%j is a fault', (text, start) => {
    expect(faults(text)[0]).toMatch(new RegExp(`^${start.replace(/[[\]().*+?^$|]/g, '\\$&')}`));
  });

  test('with hundreds of faults names the first twenty and says how many more', () => {
    const lines = Array.from({ length: 300 }, (_, at) => `  g${at}: { wrong: 1 }`).join('\n');
    const found = faults(`hosts:\n${lines}\n`);
    expect(found).toHaveLength(21);
    expect(found.at(-1)).toBe('fleet.yaml: and 280 more');
  });

  test('of aliases that grow without end is refused, not expanded', () => {
    const levels = Array.from(
      { length: 12 },
      (_, at) => `l${at + 1}: &l${at + 1} [*l${at}, *l${at}, *l${at}]`,
    );
    expect(faults(`l0: &l0 [a, a]\n${levels.join('\n')}\n`).length).toBeGreaterThan(0);
  });
});
