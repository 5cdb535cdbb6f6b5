import { expect, it } from 'vitest';
import { containerOfEnvironment } from './image-environment.ts';

it('reads what NVIDIA sets in its images', () => {
  const read = containerOfEnvironment([
    'PATH=/usr/local/cuda/bin:/usr/bin',
    'NVARCH=x86_64',
    'NVIDIA_REQUIRE_CUDA=cuda>=12.4 brand=tesla,driver>=470,driver<471',
    'NV_CUDA_CUDART_VERSION=12.4.127-1',
    'NV_CUDA_COMPAT_PACKAGE=cuda-compat-12-4',
    'CUDA_VERSION=12.4.1',
    'NVIDIA_DRIVER_CAPABILITIES=compute,utility',
  ]);
  expect(read).toEqual({
    cuda: { version: '12.4.1', from: 'environment' },
    cudaVersionVariable: '12.4.1',
    requirements: [{ name: 'NVIDIA_REQUIRE_CUDA', value: 'cuda>=12.4 brand=tesla,driver>=470,driver<471' }],
    disableRequire: null,
    compatPackage: { cudaVersion: '12.4', driverVersion: null, driverBranches: null, isUsed: null },
    driverCapabilities: 'compute,utility',
    injection: null,
    hasPtx: null,
  });
});

it('reads what NGC sets in its images', () => {
  const read = containerOfEnvironment([
    'CUDA_VERSION=12.8.0.038',
    'CUDA_DRIVER_VERSION=570.86.10',
    'NVIDIA_REQUIRE_CUDA=cuda>=9.0',
    'NVIDIA_DISABLE_REQUIRE=1',
  ]);
  expect(read.cuda?.version).toBe('12.8.0');
  expect(read.compatPackage).toMatchObject({ cudaVersion: null, driverVersion: '570.86.10' });
  expect(read.disableRequire).toBe('1');
});

it('knows nothing of an image that says nothing', () => {
  expect(containerOfEnvironment(['PATH=/bin', 'EMPTY'])).toMatchObject({
    cuda: null,
    requirements: [],
    compatPackage: null,
  });
  expect(containerOfEnvironment(['NV_CUDA_CUDART_VERSION=11.8.89-1']).cuda?.version).toBe('11.8');
});
