import { describe, expect, test } from 'vitest';
import type { AlertRulesConfig } from '../model/index.ts';
import { readFleetFile } from './fleet-file.ts';
import { readDuration, readQuantity } from './quantities.ts';

const known = new Map([
  ['temperature', { threshold: { min: 0, max: 60, unit: 'celsius' } }],
  ['gpu-lost', { threshold: null }],
]);
const read = (text: string) => readFleetFile(text, 'fleet.yaml', known);
const alerts = (text: string): AlertRulesConfig => {
  const result = read(text);
  if (!result.ok) throw new Error(result.faults.join('\n'));
  return result.content.alerts;
};
const faults = (text: string): readonly string[] => {
  const result = read(text);
  return result.ok ? [] : result.faults;
};

test('settings of rules and rules of one’s own, in base units', () => {
  const { rules, own } = alerts(`
alerts:
  rules:
    temperature: { threshold: 5 °C, for: 10m, clear-for: 90, severity: critical, hosts: [group=a, gpu-*], models: "*H100*" }
    gpu-lost: { on: no }
  own:
    full: { field: gpu.memory-used, above: 40 GiB, hysteresis: 1 GiB, for: 5m, severity: critical, text: "Who is it?" }
    driver: { field: host.driver, is-not: "580.*" }
    busy: { field: gpu.utilization, below: 5 % }
    ecc: { field: gpu.ecc-mode, is: off }
`);
  expect(rules.get('temperature')).toEqual({
    isOn: null,
    severity: 'critical',
    forSeconds: 600,
    clearForSeconds: 90,
    threshold: 5,
    scope: { hosts: ['group=a', 'gpu-*'], models: ['*H100*'] },
  });
  expect(rules.get('gpu-lost')).toMatchObject({ isOn: false, scope: null });
  expect(own.map(({ name, comparison, value, hysteresis }) => [name, comparison, value, hysteresis])).toEqual(
    [
      ['own:full', 'above', 40 * 1024 ** 3, 1024 ** 3],
      ['own:driver', 'is-not', '580.*', 0],
      ['own:busy', 'below', 0.05, 0],
      ['own:ecc', 'is', false, 0],
    ],
  );
  expect(own[0]).toMatchObject({ forSeconds: 300, severity: 'critical', text: 'Who is it?' });
});

test('a file without alerts has none', () => {
  expect(alerts('hosts:\n')).toEqual({ rules: new Map(), own: [] });
  expect(alerts('alerts:\n')).toEqual({ rules: new Map(), own: [] });
});

describe('what is wrong is said with its line, and nothing of the file counts', () => {
  test.each([
    ['alerts: { nothing: {} }', 1, /alerts › nothing: is not known here/],
    ['alerts:\n  rules:\n    nothing: { on: yes }', 3, /is no rule; known are temperature, gpu-lost/],
    ['alerts:\n  rules:\n    temperature: { on: maybe }', 3, /neither yes nor no/],
    ['alerts:\n  rules:\n    temperature:\n      threshold: 99', 4, /must be 0 to 60/],
    ['alerts:\n  rules:\n    temperature:\n      threshold: 5 W', 4, /must be 0 to 60/],
    ['alerts:\n  rules:\n    gpu-lost:\n      threshold: 5', 4, /nothing that this rule has/],
    ['alerts:\n  rules:\n    gpu-lost:\n      for: soon', 4, /"soon" is no time/],
    ['alerts:\n  rules:\n    gpu-lost:\n      for: 31d', 4, /longer than 30 days/],
    ['alerts:\n  rules:\n    gpu-lost:\n      severity: bad', 4, /neither critical nor warning/],
    ['alerts:\n  own:\n    x:\n      field: gpu.nothing\n      above: 1', 4, /is none of gpu\.utilization/],
    ['alerts:\n  own:\n    x:\n      field: gpu.fan', 3, /exactly one of above/],
    ['alerts:\n  own:\n    x: { field: gpu.fan, above: 1, below: 0 }', 3, /exactly one of above/],
    [
      'alerts:\n  own:\n    x:\n      field: gpu.temperature\n      above: hot',
      5,
      /"hot" is no number in celsius/,
    ],
    ['alerts:\n  own:\n    x:\n      field: host.driver\n      above: 5', 5, /is for numbers/],
    ['alerts:\n  own:\n    x:\n      field: gpu.mig-mode\n      is: perhaps', 5, /neither yes nor no/],
    ['alerts:\n  own:\n    x:\n      field: gpu.fan\n      above: 1\n      hysteresis: -1', 6, /0 or more/],
    ['alerts:\n  own:\n    Bad Name: { field: gpu.fan, above: 1 }', 3, /short name/],
    ['alerts:\n  own:\n    x: { field: gpu.fan, above: 1, nothing: 2 }', 3, /nothing: is not known here/],
  ])('%j', (text, line, message) => {
    const [first] = faults(text);
    expect(first).toMatch(new RegExp(`^fleet\\.yaml:${line}[:.]`));
    expect(first).toMatch(message);
  });

  test('several faults come together', () => {
    expect(
      faults('alerts:\n  rules:\n    a: {}\n    b: {}\n  own:\n    c: { field: gpu.fan, above: x }'),
    ).toHaveLength(3);
  });
});

test.each([
  ['90', 90],
  ['90s', 90],
  ['5m', 300],
  ['1.5h', 5400],
  ['2d', 172_800],
  ['5 m', 300],
  ['', null],
  ['-5m', null],
  ['5x', null],
])('%j is %s seconds', (text, seconds) => expect(readDuration(text)).toBe(seconds));

test.each([
  ['40 GiB', 'bytes', 40 * 1024 ** 3],
  ['90 %', 'ratio', 0.9],
  ['0.9', 'ratio', 0.9],
  ['85 °C', 'celsius', 85],
  ['1.2 GHz', 'hertz', 1.2e9],
  ['0.3 kW', 'watts', 300],
  ['7', null, 7],
  ['7 W', null, null],
  ['1e9', 'bytes', null],
  ['five', 'watts', null],
])('%j of %s', (text, unit, value) => {
  const read = readQuantity(text, unit);
  if (value === null) expect(read).toBeNull();
  else expect(read).toBeCloseTo(value, 6);
});
