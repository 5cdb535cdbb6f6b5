import { expect, test } from 'vitest';
import { parseSlurmOutOfService } from './slurm-node.ts';

test.each([
  ['IDLE', null],
  ['MIXED', null],
  ['ALLOCATED', null],
  ['IDLE+DRAIN', 'drained'],
  ['DOWN*+DRAIN', 'drained'],
  ['DRAINED', 'drained'],
  ['MIXED+DRAIN', 'draining'],
  ['ALLOCATED+DRAIN+NOT_RESPONDING', 'draining'],
  ['IDLE+MAINT', 'maint'],
  ['MAINT', 'maint'],
])('State=%s: %s', (state, expected) => {
  expect(parseSlurmOutOfService(`NodeName=gpu01 Arch=x86_64 State=${state} ThreadsPerCore=2`)).toBe(expected);
});

test('text of no node tells nothing', () => {
  expect(parseSlurmOutOfService('slurm_load_node error: State=DRAINED')).toBeNull();
});
