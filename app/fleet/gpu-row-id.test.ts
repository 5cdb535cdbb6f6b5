import { expect, test } from 'vitest';
import { gpuRowId } from './gpu-row-id.ts';

test('one GPU that two hosts tell of is two rows', () => {
  const gpu = { uuid: 'GPU-1' };
  const ids = ['old', 'new'].map((id) => gpuRowId({ host: { id }, gpu }));
  expect(new Set(ids).size).toBe(2);
  expect(gpuRowId({ host: { id: 'new' }, gpu })).toBe(ids[1]);
});
