import { expect, test } from 'vitest';
import { readAsk } from './words.ts';

test.each([
  ['', null],
  ['  ', null],
  ['cuda>=12.8', { require: 'cuda>=12.8', cuda: '12.8', compat: 'none' }],
  [
    'cuda>=12.8 brand=tesla,driver>=535,driver<536',
    { require: 'cuda>=12.8 brand=tesla,driver>=535,driver<536', cuda: '12.8', compat: 'none' },
  ],
  ['driver>=550', { require: 'driver>=550', compat: 'none' }],
  ['cuda>>12', { require: 'cuda>>12', compat: 'none' }],
  ['12.8', { cuda: '12.8', compat: 'none' }],
  ['CUDA 13.0.1', { cuda: '13.0.1', compat: 'none' }],
  ['nvcr.io/nvidia/pytorch:25.08-py3', { image: 'nvcr.io/nvidia/pytorch:25.08-py3' }],
  ['nvidia/cuda', { image: 'nvidia/cuda' }],
])('%j is taken for %j', (text, expected) => {
  expect(readAsk(text)).toEqual(expected);
});
