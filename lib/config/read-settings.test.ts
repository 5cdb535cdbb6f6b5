import { describe, expect, test } from 'vitest';
import {
  environmentName,
  flag,
  flagName,
  list,
  parseLabel,
  parsePort,
  readSettings,
  type SettingSources,
  value,
} from './read-settings.ts';

const settings = {
  port: value(parsePort, null, { placeholder: 'PORT', help: 'a port' }),
  noHold: flag('a switch'),
  label: list(parseLabel, { placeholder: 'K=V', help: 'labels' }),
};
const read = (sources: Partial<SettingSources>) =>
  readSettings(settings, { argv: [], env: {}, file: null, othersNames: ['data'], ...sources });
const inFile = (values: Record<string, unknown>) => read({ file: { path: 'f.yaml', values } });

describe('reading settings', () => {
  test('one name gives the flag and the variable', () => {
    expect([flagName('noHold'), environmentName('noHold')]).toEqual(['--no-hold', 'GPUFLEET_NO_HOLD']);
  });

  test('a list comes from repeated flags, commas, a YAML list or a YAML map; the stronger source replaces it', () => {
    const ab = [
      ['a', '1'],
      ['b', '2'],
    ];
    expect(read({ argv: ['--label', 'a=1', '--label=b=2'] })).toMatchObject({ values: { label: ab } });
    expect(read({ env: { GPUFLEET_LABEL: 'a=1, b=2' } })).toMatchObject({ values: { label: ab } });
    expect(inFile({ label: ['a=1', 'b=2'] })).toMatchObject({ values: { label: ab } });
    expect(inFile({ label: { a: 1, b: '2' } })).toMatchObject({ values: { label: ab } });
    const both = read({ argv: ['--label', 'c=3'], env: { GPUFLEET_LABEL: 'a=1' } });
    expect(both).toMatchObject({ values: { label: [['c', '3']] } });
  });

  test('a switch is on by its flag, and true or false elsewhere', () => {
    expect(read({ argv: ['--no-hold'] })).toMatchObject({ values: { noHold: true } });
    expect(read({ env: { GPUFLEET_NO_HOLD: 'true' } })).toMatchObject({ values: { noHold: true } });
    expect(inFile({ noHold: false })).toMatchObject({ values: { noHold: false } });
    expect(read({ env: { GPUFLEET_NO_HOLD: 'perhaps' } })).toMatchObject({ ok: false });
  });

  test('a fault shows the beginning of a long value', () => {
    const { faults } = read({ argv: ['--port', 'x'.repeat(5000)] }) as { faults: readonly string[] };
    expect(faults[0]).toContain(`"${'x'.repeat(200)}…"`);
    expect(faults[0]?.length).toBeLessThan(400);
  });

  test('the last of a repeated flag wins', () => {
    expect(read({ argv: ['--port', '1', '--port', '2'] })).toMatchObject({ values: { port: 2 } });
  });

  test('names that come with every object are no settings', () => {
    expect(read({ argv: ['--constructor'] })).toMatchObject({
      faults: ['--constructor: there is no such option'],
    });
    expect(inFile({ toString: '1' })).toMatchObject({
      faults: ['f.yaml: toString: there is no such setting'],
    });
  });

  test('plain words are faults unless expected', () => {
    expect(read({ argv: ['x'] })).toMatchObject({ faults: ['"x": was not expected here'] });
    expect(read({ argv: ['x', '--port', '1'], maxPositionals: 1 })).toMatchObject({
      ok: true,
      positionals: ['x'],
    });
  });

  test("a variable without our prefix, another program's, and the reserved ones are let be", () => {
    const env = { PORT: 'x', GPUFLEET_DATA: 'x', GPUFLEET_CONFIG: 'x', GPUFLEET_PLAYER: 'x' };
    expect(read({ env })).toMatchObject({ ok: true });
  });

  test('a deep value in the file is a fault', () => {
    expect(inFile({ port: { a: 1 }, label: [{ a: 1 }], noHold: null })).toMatchObject({
      faults: [
        'f.yaml: port: must be one plain value',
        'f.yaml: label: must be a list or a map',
        'f.yaml: noHold: must be one plain value',
      ],
    });
  });
});
