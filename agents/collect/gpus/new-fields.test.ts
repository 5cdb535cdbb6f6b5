import { expect, test } from 'vitest';
import { queryGpuFields } from '../../../lib/nvidia-smi/index.ts';
import type { RunResult } from '../../access/host-access.ts';
import { createFieldChoice } from './field-choice.ts';
import { createNewFields } from './new-fields.ts';

const result = (stdout: string, changes: Partial<RunResult> = {}): RunResult =>
  ({ outcome: 'exited', exitCode: 0, stdout, stderr: '', durationSeconds: 0.1, ...changes }) as RunResult;

/** A driver that has these fields beside those that are known. */
function driver(news: readonly string[], answer: (fields: string) => RunResult) {
  const asked: string[] = [];
  const choice = createFieldChoice();
  const names = [...queryGpuFields, 'driver_version', ...news];
  choice.choose({ names: new Set(names), fields: names.map((name) => [name]) });
  const fields = createNewFields(
    {
      run: async (command) => {
        asked.push(command.join(' '));
        return answer(command[1] ?? '');
      },
    },
    choice,
  );
  return { asked, fields };
}

test('are asked for by themselves, and told as printed', async () => {
  const text = 'uuid, qubits.count [qb], warp.mode\nGPU-aaaaaaaa, 12 qb, On\nGPU-bbbbbbbb, [N/A], Off\n';
  const { asked, fields } = driver(['qubits.count', 'warp.mode'], () => result(text));
  await fields.read('nvidia-smi');
  expect(asked).toEqual(['nvidia-smi --query-gpu=uuid,qubits.count,warp.mode --format=csv']);
  expect(fields.of('GPU-aaaaaaaa')).toEqual([
    { name: 'qubits.count', value: '12 qb' },
    { name: 'warp.mode', value: 'On' },
  ]);
  expect(fields.of('GPU-bbbbbbbb')).toEqual([{ name: 'warp.mode', value: 'Off' }]);
  await fields.read(null);
  expect(fields.of('GPU-aaaaaaaa')).toBeUndefined();
});

test('are not asked for where there are none', async () => {
  const { asked, fields } = driver([], () => result(''));
  await fields.read('nvidia-smi');
  expect(asked).toEqual([]);
});

test('one that is refused is left out, and the others are asked for at once', async () => {
  const { asked, fields } = driver(['a.b', 'c.d'], (query) =>
    query.includes('a.b')
      ? result('Field "a.b" is not a valid field to query.\n', { exitCode: 2 })
      : result('uuid, c.d\nGPU-aaaaaaaa, 1\n'),
  );
  await fields.read('nvidia-smi');
  expect(asked.at(-1)).toBe('nvidia-smi --query-gpu=uuid,c.d --format=csv');
  expect(fields.of('GPU-aaaaaaaa')).toEqual([{ name: 'c.d', value: '1' }]);
});

test('stay while they are asked for again, and over a pause in the middle', async () => {
  const answers = [
    result('uuid, a.b\nGPU-aaaaaaaa, 1\n'),
    result('', { outcome: 'paused', exitCode: null }),
    result('uuid, a.b\nGPU-aaaaaaaa, 2\n'),
  ];
  const { asked, fields } = driver(['a.b'], () => answers[asked.length - 1] ?? result(''));
  await fields.read('nvidia-smi');
  const reading = fields.read('nvidia-smi');
  expect(fields.of('GPU-aaaaaaaa')).toEqual([{ name: 'a.b', value: '1' }]);
  await reading;
  await fields.read('nvidia-smi');
  expect(fields.of('GPU-aaaaaaaa')).toEqual([{ name: 'a.b', value: '2' }]);
});

test('are not asked for again when they gave no answer in time', async () => {
  const { asked, fields } = driver(['a.b'], () => result('', { outcome: 'timeout', exitCode: null }));
  await fields.read('nvidia-smi');
  await fields.read('nvidia-smi');
  expect(asked).toHaveLength(1);
});

test.each([
  'uuid, a.b\nGPU-aaaaaaaa, 1, 2\n',
  'uuid, a.b\nGPU-aaaaaaaa, 1',
  'GPU-aaaaaaaa, 1\n',
  'Unable to determine the device handle for GPU0000:3B:00.0: Unknown Error\n',
])('%j tells of none', async (text) => {
  const { fields } = driver(['a.b'], () => result(text));
  await fields.read('nvidia-smi');
  expect(fields.of('GPU-aaaaaaaa')).toBeUndefined();
});
