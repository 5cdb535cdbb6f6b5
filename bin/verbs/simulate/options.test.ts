import { expect, test } from 'vitest';
import { readSimulateOptions } from './options.ts';

test('what Node explains over several lines is told whole, in one line', () => {
  const faults = readSimulateOptions(['--hub', 'http://127.0.0.1:3000', '--hosts', '-1', '--gpus', '1']);
  expect(faults).toEqual([
    expect.stringMatching(/^Option '--hosts' argument is ambiguous\. .*'--hosts=-XYZ'/),
  ]);
});
