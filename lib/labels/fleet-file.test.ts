import { describe, expect, test } from 'vitest';
import { type FleetFileContent, readFleetFile } from './fleet-file.ts';
import type { MatchSubject } from './group-match.ts';
import { writeFleetFile } from './write-fleet-file.ts';

const content = (text: string): FleetFileContent => {
  const result = readFleetFile(text, 'fleet.yaml');
  if (!result.ok) throw new Error(result.faults.join('\n'));
  return result.content;
};
const faults = (text: string): readonly string[] => {
  const result = readFleetFile(text, 'fleet.yaml');
  return result.ok ? [] : result.faults;
};
const host = (hostname: string, changes: Partial<MatchSubject> = {}): MatchSubject => ({
  id: 'other-host-id',
  hostname,
  labels: {},
  gpuModels: [],
  ...changes,
});

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
    expect(labelsOf(host('gpu-01'))).toEqual({
      rack: 'by-glob',
      group: 'h100',
      room: '1',
    });
    expect(labelsOf(host('gpu-07'))).toEqual({
      rack: 'by-name',
      owner: 'lab',
      group: 'h100',
      room: '2',
    });
    expect(labelsOf(host('gpu-07', { id }))).toMatchObject({ rack: 'by-id', owner: 'lab' });
    expect(labelsOf(host('storage-1', { id }))).toEqual({ rack: 'by-id' });
  });

  test('capitals of a hostname make no difference', () => {
    expect(labelsOf(host('Gpu-07'))).toMatchObject({ owner: 'lab' });
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
  expect(content(text).labelsOf(host('gpu-1', { id }))).toEqual({}),
);

describe('a bad file', () => {
  test('is told with every fault, each with its line and column', () => {
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
      kernel: { a: b }
host: {}
`),
    ).toEqual([
      'fleet.yaml:5:7: hosts › gpu-1 › labels › 9lives: must begin with a letter, and then has letters, digits and _ . - /',
      'fleet.yaml:6:14: hosts › gpu-1 › labels › owner: has a line break or another control character',
      'fleet.yaml:7:3: hosts › gpu-[1-4]: is no hostname or host id; only * (any run of characters) and ? (one) stand for others',
      'fleet.yaml:8:12: hosts › gpu-2 › lables: is not known here',
      'fleet.yaml:13:7: groups › h100 › baseline › driwer: is not known here',
      'fleet.yaml:14:13: groups › h100 › baseline › cuda: is empty: give a version, or leave the line out',
      'fleet.yaml:15:7: groups › h100 › baseline › kernel: must be plain text',
      'fleet.yaml:16:1: host: is not known here',
    ]);
  });

  test.each([
    ['hosts: [a]\n', 'fleet.yaml:1:1: hosts: must be a map from hostname, host id or pattern to labels'],
    ['- a\n', 'fleet.yaml:1:1: must have hosts:, groups:, alerts:, compatibility: or ssh: at its top'],
    ['hosts:\n  a: {}\n  a: {}\n', 'fleet.yaml:3:3: Map keys must be unique'],
    ['hosts:\n  a: [\n', 'fleet.yaml:3:1: Flow sequence'],
    ['hosts:\n  a: !!js x\n', 'fleet.yaml:2:6: Unresolved tag'],
    [
      'hosts:\n  a: { labels: x }\n',
      'fleet.yaml:2:16: hosts › a › labels: must be a map of labels, such as rack: a1',
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

describe('what a baseline may ask', () => {
  test('a value, a minimum, a range, one of several, as a list or in one text', () => {
    const { baselines } = content(`
groups:
  a:
    baseline:
      driver: ">=580.95 <590"
      toolkit: ">=1.19.1"
      kernel: [6.8.0-87-generic, 6.8.0-90-generic]
      cuda: 13.0 | 13.1
      persistence: on
`);
    expect(baselines.get('a')).toEqual({
      driver: '>=580.95 <590',
      toolkit: '>=1.19.1',
      kernel: '6.8.0-87-generic | 6.8.0-90-generic',
      cuda: '13.0 | 13.1',
      persistence: 'on',
    });
  });

  test.each([
    ['driver: ">=580 >=590"', '7:15', 'has two lower ends'],
    ['driver: "<580 <590"', '7:15', 'has two upper ends'],
    ['driver: ">=590 <580"', '7:15', 'is a range that nothing is in: 590 is not below 580'],
    ['driver: ">580 <580"', '7:15', 'is a range that nothing is in'],
    ['driver: ">= new"', '7:15', 'is no range, since new is no version'],
    ['driver: "=580"', '7:15', 'is no range'],
    ['driver: ">="', '7:15', 'is no range'],
    ['driver: ">=580 or so"', '7:15', 'is no range'],
    ['kernel: 6.8 | | 6.9', '7:15', 'has an empty place between its |'],
    ['kernel: [6.8, 6.8]', '7:7', 'names 6.8 twice'],
    ['kernel: []', '7:7', 'must be plain text'],
    ['ecc: ">=2"', '7:12', 'is a range, but ECC has no newer and older'],
    ['bios: "1"', '7:7', 'is not known here'],
    ['driver:', '7:7', 'is empty'],
  ])('%s is a fault at %s', (line, place, what) => {
    const [only, second] = faults(`hosts: {}
groups:
  b: {}
  a:
    # a comment
    baseline:
      ${line}
`);
    expect(only).toMatch(new RegExp(`^fleet\\.yaml:${place}: groups › a › baseline › \\w+: `));
    expect(only).toContain(what);
    expect(second).toBeUndefined();
  });
});

describe('groups that take hosts in', () => {
  const text = `
hosts:
  gpu-9: { labels: { group: own } }
  gpu-8: { labels: { role: train } }
groups:
  training: { match: { labels: { role: [train, tune] } } }
  serving: { match: { labels: { role: serve }, model: "NVIDIA L40*", host: [gpu-*, inf-*] } }
  plain: { baseline: { driver: "580.1" } }
`;
  const groupOf = (subject: MatchSubject) => content(text).labelsOf(subject)['group'];
  test.each([
    ['by a label', host('x', { labels: { role: 'tune' } }), 'training'],
    ['by a label that the file itself sets', host('gpu-8'), 'training'],
    ['unless the file names its group', host('gpu-9', { labels: { role: 'train' } }), 'own'],
    [
      'by all that is given',
      host('INF-1', { labels: { role: 'serve' }, gpuModels: ['NVIDIA L40S'] }),
      'serving',
    ],
    ['by its model', host('inf-1', { labels: { role: 'serve' }, gpuModels: ['NVIDIA H100'] }), undefined],
    ['by its name', host('x-1', { labels: { role: 'serve' }, gpuModels: ['NVIDIA L40S'] }), undefined],
    ['without any of it', host('gpu-1'), undefined],
  ])('%s', (_, subject, group) => expect(groupOf(subject)).toBe(group));

  test.each([
    ['labels: { role: train }', 'labels: { role: serve }', false],
    ['labels: { role: [a, b] }', 'labels: { role: [b, c] }', true],
    ['labels: { role: train }', 'labels: { site: zurich }', true],
    ['host: gpu-*', 'host: inf-*', false],
    ['host: gpu-*', 'host: "*-07"', true],
    ['host: GPU-?', 'host: gpu-10', false],
    ['model: "*H100*"', 'model: "NVIDIA H100 80GB HBM3"', true],
    ['model: "NVIDIA H100*", host: a*', 'model: "NVIDIA A100*", host: a*', false],
  ])('{ %s } and { %s } overlap: %s', (one, other, overlaps) => {
    const found = faults(`groups:\n  a: { match: { ${one} } }\n  b: { match: { ${other} } }\n`);
    expect(found).toEqual(
      overlaps
        ? [expect.stringMatching(/^fleet\.yaml:3:8: groups › b › match: overlaps with group a: /)]
        : [],
    );
  });

  test.each([
    ['{}', 'fleet.yaml:2:8: groups › a › match: takes in every host'],
    ['{ labels: {} }', 'fleet.yaml:2:8: groups › a › match: takes in every host'],
    ['{ host: a, label: { a: b } }', 'fleet.yaml:2:26: groups › a › match › label: is not known here'],
    ['{ host: "a[1-4]" }', 'fleet.yaml:2:23: groups › a › match › host › 0: is no hostname'],
    ['all', 'fleet.yaml:2:15: groups › a › match: must be a map with labels, model or host'],
  ])('match: %s is a fault', (match, start) => {
    expect(
      faults(`groups:\n  a: { match: ${match} }\n`)[0]?.startsWith(start),
      String(faults(`groups:\n  a: { match: ${match} }\n`)),
    ).toBe(true);
  });

  test('an overlap is told beside every other fault', () => {
    expect(
      faults(
        'groups:\n  a: { match: { host: a } }\n  b: { match: { host: a }, oops: 1 }\n  c: { baseline: { gpu: 1 } }\n',
      ),
    ).toEqual([
      expect.stringMatching(/^fleet\.yaml:3:8: groups › b › match: overlaps/),
      'fleet.yaml:3:28: groups › b › oops: is not known here',
      'fleet.yaml:4:20: groups › c › baseline › gpu: is not known here',
    ]);
  });
});

describe('a written fleet file', () => {
  const accepted = {
    group: 'h100',
    facet: 'cuda',
    value: '13.0',
    kind: 'accepted',
    since: '2026-11-30T10:00:00.000Z',
    by: 'user ada',
  } as const;
  const hostGroups = new Map([['gpu-1', 'h100']]);

  test.each([
    ['nothing', null],
    ['an empty file', '# ours\n'],
    ['keys without values', 'hosts:\ngroups:\n'],
    ['flow maps', 'groups: { h100: { baseline: { driver: 580.1 } } }\n'],
    [
      'a file',
      '# ours\ngroups:\n  h100:\n    baseline: # of the vendor\n      driver: 580.10\n      cuda: 12.0\n',
    ],
  ])('from %s says what it said and what was added', (_, before) => {
    const text = writeFleetFile(before, { baselines: [accepted], hostGroups });
    const { baselines, labelsOf } = content(text);
    const driver = before === null ? undefined : content(before).baselines.get('h100')?.driver;
    expect(baselines.get('h100')).toEqual({ ...(driver === undefined ? {} : { driver }), cuda: '13.0' });
    expect(labelsOf(host('gpu-1'))).toEqual({ group: 'h100' });
    expect(text).toContain('"13.0" # accepted 2026-11-30 by user ada');
    for (const comment of before?.match(/#.*/g) ?? []) expect(text).toContain(comment);
  });
});

test('a second document in the file is said in words of this file', () => {
  const result = readFleetFile('hosts: {}\n---\nhosts: {}\n', 'fleet.yaml');
  expect(result).toMatchObject({
    ok: false,
    faults: [expect.stringMatching(/^fleet\.yaml:2:1: A second document/)],
  });
});
