import { describe, expect, it } from 'vitest';
import { containerOfEnvironment } from '../../../lib/cuda-compat/index.ts';
import { readOptions } from './options.ts';
import { questionWith } from './question.ts';

const asked = (environment: readonly string[], line = '') => {
  const options = readOptions([
    'team/app',
    '--hub',
    'https://gpus.example',
    ...line.split(' ').filter(Boolean),
  ]);
  if (typeof options === 'string') throw new Error(options);
  return questionWith(options, containerOfEnvironment(environment));
};

describe('what a hub is asked of an image that it does not know', () => {
  it.each<[string, readonly string[], object]>([
    [
      'its requirement and CUDA',
      ['CUDA_VERSION=12.8.1', 'NVIDIA_REQUIRE_CUDA=cuda>=12.8 driver>=535'],
      {
        cuda: '12.8.1',
        require: 'cuda>=12.8 driver>=535',
      },
    ],
    [
      'CUDA_VERSION as the toolkit takes it, without a requirement',
      ['CUDA_VERSION=12.8.1'],
      {
        cuda: '12.8.1',
        require: 'cuda>=12.8',
      },
    ],
    [
      'all its requirements',
      ['NVIDIA_REQUIRE_CUDA=cuda>=12 cuda>=11,driver>=450', 'NVIDIA_REQUIRE_ARCH=arch>=8'],
      {
        require: 'cuda>=12,arch>=8 cuda>=11,driver>=450,arch>=8',
      },
    ],
    [
      'nothing that it says not to check',
      ['CUDA_VERSION=12.8.1', 'NVIDIA_DISABLE_REQUIRE=true'],
      { cuda: '12.8.1' },
    ],
    [
      'its driver capabilities',
      ['CUDA_VERSION=12.4', 'NVIDIA_REQUIRE_CUDA=cuda>=12.4', 'NVIDIA_DRIVER_CAPABILITIES=utility'],
      {
        cuda: '12.4',
        require: 'cuda>=12.4',
        driverCapabilities: 'utility',
      },
    ],
  ])('%s', (_what, environment, expected) => {
    expect(asked(environment)).toEqual(expected);
  });

  it('what an option says wins', () => {
    expect(asked(['CUDA_VERSION=12.8.1'], '--require cuda>=12.4 --cuda 12.4')).toEqual({
      cuda: '12.4',
      require: 'cuda>=12.4',
    });
  });
});
