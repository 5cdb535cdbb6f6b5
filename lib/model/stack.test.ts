import { expect, it } from 'vitest';
import { compareDriver } from './stack.ts';

it.each([
  ['595.71.05', '595.71.05', 'same'],
  ['595.71.05', '595.71', 'same-as-told'],
  ['595.71.05', '595.7', 'different'],
  ['595.71.05', '595.84', 'different'],
  ['595.71.05', null, null],
  [null, '595.71', null],
] as const)('module %s and library %s: %s', (kernelDriverVersion, driverVersion, expected) => {
  expect(compareDriver({ kernelDriverVersion, driverVersion })).toBe(expected);
});
