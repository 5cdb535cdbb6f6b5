import { expect, test } from 'vitest';
import { queryGpuFields } from '../../../lib/nvidia-smi/index.ts';
import type { RunResult } from '../../access/host-access.ts';
import { createFieldChoice, createFieldDiscovery } from './field-choice.ts';

const helpOf = (names: readonly string[]): string =>
  `List of valid properties to query for the switch "--query-gpu":\n\n${names
    .map((name) => `"${name}"\nWhat it is.\n`)
    .join('\n')}\n`;
const exited = (stdout: string, exitCode = 0): RunResult => ({
  outcome: 'exited',
  exitCode,
  stdout,
  stderr: '',
  durationSeconds: 0.1,
});

/** A driver that answers so, and what it was asked. */
function driver(answer: (asked: number) => RunResult) {
  const asked: string[] = [];
  const run = async (command: readonly string[]): Promise<RunResult> => {
    asked.push(command.join(' '));
    return answer(asked.length);
  };
  const choice = createFieldChoice();
  return { asked, choice, discovery: createFieldDiscovery({ run }, choice) };
}

test('asks once for each driver, and leaves out what it does not know', async () => {
  const known = [...queryGpuFields, 'driver_version'].filter((name) => name !== 'temperature.memory');
  const { asked, choice, discovery } = driver((count) =>
    exited(helpOf(count === 1 ? known : [...known, 'temperature.memory'])),
  );
  await discovery.learn('nvidia-smi', '418.1');
  await discovery.learn('nvidia-smi', '418.1');
  expect(asked).toEqual(['nvidia-smi --help-query-gpu']);
  expect(choice.fields).not.toContain('temperature.memory');
  expect(choice.fields).toHaveLength(known.length);
  expect(choice.problems).toMatchObject([{ field: 'csv:temperature.memory' }]);
  await discovery.learn('nvidia-smi', '610.1');
  expect(asked).toHaveLength(2);
  expect(choice.fields).toContain('temperature.memory');
  expect(choice.problems).toEqual([]);
});

test('asks by the newer name where the one that it knows is gone', async () => {
  const renamed = new Map([
    ['uuid', 'gpu_uuid'],
    ['driver_version', 'kmd_version'],
    ['clocks_throttle_reasons.active', 'clocks_event_reasons.active'],
  ]);
  const names = [...queryGpuFields, 'driver_version'].map((name) => renamed.get(name) ?? name);
  const { choice, discovery } = driver(() => exited(helpOf(names)));
  await discovery.learn('nvidia-smi', '700.1');
  expect(choice.fields).toEqual(names);
  expect(choice.problems).toEqual([]);
});

test('tells of fields that are new, and does not stream them', async () => {
  const { choice, discovery } = driver(() =>
    exited(helpOf([...queryGpuFields, 'driver_version', 'qubits.count', 'fabric.cliqueId'])),
  );
  await discovery.learn('nvidia-smi', '700.1');
  expect(choice.fields).not.toContain('qubits.count');
  expect(choice.news).toEqual(['qubits.count']);
  expect(choice.problems).toMatchObject([{ field: 'help:query-gpu', text: 'qubits.count' }]);
});

test.each([
  ['an error', exited('ERROR: Option --help-query-gpu is not recognized.\n', 2)],
  ['a list without uuid', exited(helpOf(Array.from({ length: 40 }, (_, at) => `name${at}`)))],
  ['a cut list', exited(helpOf(['uuid', 'index']))],
  ['no end', { ...exited(''), outcome: 'timeout', exitCode: null } as const],
])('asks for all when it is told %s, and learns from refusals', async (_, answer) => {
  const { choice, discovery } = driver(() => answer);
  await discovery.learn('nvidia-smi', '418.1');
  expect(choice.fields).toEqual(createFieldChoice().fields);
  expect(choice.leaveOutRefused('Field "temperature.memory" is not a valid field to query.')).toBe(true);
  expect(choice.fields).not.toContain('temperature.memory');
});

test('counts a field with two names once, and one of which a name is known not at all', async () => {
  const help = [
    helpOf([...queryGpuFields.filter((name) => name !== 'fan.speed'), 'driver_version']),
    '"warp.mode" or "w.m"\nWhat it is.\n\n"fan.pace" or "fan.speed"\nWhat it is.\n',
  ];
  const { choice, discovery } = driver(() => exited(help.join('\n')));
  await discovery.learn('nvidia-smi', '700.1');
  expect(choice.news).toEqual(['warp.mode']);
  expect(choice.fields).toContain('fan.speed');
});

test('asks again after no answer in time, and says when other fields are to be asked for', async () => {
  const without = [...queryGpuFields, 'driver_version'].filter((name) => name !== 'temperature.memory');
  const answers = [
    { ...exited(''), outcome: 'timeout', exitCode: null } as const,
    exited('ERROR: busy\n', 2),
    exited(helpOf(without)),
  ];
  const { asked, choice, discovery } = driver(() => answers[asked.length - 1] ?? exited(''));
  expect(await discovery.learn('nvidia-smi', '418.1')).toBe(false);
  expect(choice.leaveOutRefused('Field "fan.speed" is not a valid field to query.')).toBe(true);
  expect(await discovery.learn('nvidia-smi', '418.1')).toBe(false);
  expect(choice.fields).not.toContain('fan.speed');
  // That one was an answer; another driver is asked anew.
  expect(await discovery.learn('nvidia-smi', '418.1')).toBe(false);
  expect(asked).toHaveLength(2);
  expect(await discovery.learn('nvidia-smi', '580.1')).toBe(true);
  expect(choice.fields).toEqual(without);
});

test('asks nothing before a program and a driver are known', async () => {
  const { asked, discovery } = driver(() => exited(''));
  await discovery.learn(null, '1.2');
  await discovery.learn('nvidia-smi', null);
  expect(asked).toEqual([]);
});
