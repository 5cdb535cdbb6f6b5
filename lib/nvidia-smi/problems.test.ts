import { expect, test } from 'vitest';
import { parseSmiDmon } from './dmon.ts';
import { parseSmiPmon } from './pmon.ts';
import { createProblemLog } from './problems.ts';
import { parseQueryApps } from './query-apps.ts';
import { parseQueryGpu } from './query-gpu/index.ts';

const logOf = (count: number) => {
  const problems = createProblemLog();
  for (let at = 0; at < count; at += 1) problems.add('csv:', `row ${at}`, 'is odd');
  return problems.list;
};

test('each is told once, and what is not listed is counted', () => {
  const problems = createProblemLog();
  problems.add('a', 'b', 'c');
  problems.add('a', 'b', 'c');
  expect(problems.list).toEqual([{ field: 'a', text: 'b', message: 'c' }]);
  expect(logOf(100)).toHaveLength(100);
  const last = { field: 'problems', message: 'further problems are not listed' };
  expect(logOf(142).at(-1)).toEqual({ ...last, text: '42' });
  expect(logOf(142)).toHaveLength(101);
  expect(logOf(5000).at(-1)).toEqual({ ...last, text: '900 or more' });
});

const uuid = 'GPU-11111111-2222-3333-4444-555555555555';
const message = 'is a column that is not known';

test('a column that is not known is told once by every form, and its values are kept where there is a place', () => {
  const dmon = parseSmiDmon('# gpu qubits flux\n# Idx % Wb\n0 7 1\n1 8 2\n');
  expect(dmon.problems).toEqual([
    { field: 'dmon:qubits', text: '%', message },
    { field: 'dmon:flux', text: 'Wb', message },
  ]);
  expect(dmon.gpus.map(({ extra }) => extra)).toEqual([
    { qubits: 0.07, flux: '1' },
    { qubits: 0.08, flux: '2' },
  ]);
  const pmon = parseSmiPmon('# gpu pid qubits command\n# Idx # % name\n0 5 7 a\n0 6 8 b\n');
  expect(pmon.problems).toEqual([{ field: 'pmon:qubits', text: '%', message }]);
  const apps = parseQueryApps(`gpu_uuid, pid, qubits [%]\n${uuid}, 5, 7 %\n${uuid}, 6, 8 %\n`);
  expect(apps.problems).toEqual([{ field: 'csv:qubits', text: '%', message }]);
  const query = parseQueryGpu(`index, qubits [%]\n0, 7 %\n1, 8 %\n`);
  expect(query.problems).toEqual([{ field: 'csv:qubits', text: '%', message }]);
  expect(query.gpus.map(({ extra }) => extra)).toEqual([{ qubits: 0.07 }, { qubits: 0.08 }]);
});

test('a column that drivers have and we have no place for is none of these', () => {
  expect(parseQueryGpu('index, hostname, gpu_name\n0, gpu-17, Imaginary\n').problems).toEqual([]);
});
