import type { CompatContainer, CompatGpu, CompatHost } from '../model/index.ts';

export const gpu = (name: string | null, more: Partial<CompatGpu> = {}): CompatGpu => ({
  name,
  computeCapability: null,
  brand: null,
  productClass: null,
  migEnabled: null,
  ...more,
});

export const host = (
  driver: string | null,
  gpus: string | readonly CompatGpu[],
  more: Partial<CompatHost> = {},
): CompatHost => ({
  kernelDriverVersion: driver,
  moduleFlavour: null,
  gpus: typeof gpus === 'string' ? [gpu(gpus)] : gpus,
  toolkitVersion: null,
  disablesRequire: null,
  isJetson: false,
  isWsl: false,
  ...more,
});

export const container = (cuda: string | null, more: Partial<CompatContainer> = {}): CompatContainer => ({
  cuda: cuda === null ? null : { version: cuda, from: 'given' },
  cudaVersionVariable: null,
  requirements: [],
  disableRequire: null,
  compatPackage: 'none',
  driverCapabilities: null,
  injection: null,
  hasPtx: null,
  ...more,
});

/** A container that requires, as NVIDIA's images do. */
export const requiring = (
  cuda: string | null,
  require: string,
  more: Partial<CompatContainer> = {},
): CompatContainer =>
  container(cuda, { requirements: [{ name: 'NVIDIA_REQUIRE_CUDA', value: require }], ...more });
