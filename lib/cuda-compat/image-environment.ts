import type { CompatContainer, CompatPackage } from '../model/index.ts';
import { majorMinorOf } from './versions.ts';

/** What an image's environment says of what it needs. `injection` and PTX are not in it. */
export function containerOfEnvironment(environment: readonly string[]): CompatContainer {
  const variables = new Map(
    environment.map((line) => {
      const at = line.indexOf('=');
      return at < 0 ? ([line, ''] as const) : ([line.slice(0, at), line.slice(at + 1)] as const);
    }),
  );
  const cudaVersionVariable = variables.get('CUDA_VERSION') ?? null;
  const version = versionIn(cudaVersionVariable) ?? runtimeVersion(variables.get('NV_CUDA_CUDART_VERSION'));
  return {
    cuda: version === null ? null : { version, from: 'environment' },
    cudaVersionVariable,
    requirements: [...variables]
      .filter(([name]) => name.startsWith('NVIDIA_REQUIRE_'))
      .map(([name, value]) => ({ name, value })),
    disableRequire: variables.get('NVIDIA_DISABLE_REQUIRE') ?? null,
    compatPackage: packageIn(variables),
    driverCapabilities: variables.get('NVIDIA_DRIVER_CAPABILITIES') ?? null,
    injection: null,
    hasPtx: null,
  };
}

/** `12.4.1`, also where NGC's images say `12.4.1.003`. */
const versionIn = (text: string | null | undefined): string | null =>
  /^\s*(\d+\.\d+(?:\.\d+)?)/.exec(text ?? '')?.[1] ?? null;

/** `12.4.127-1` is the runtime of CUDA 12.4; its third number is no patch of the toolkit. */
const runtimeVersion = (text: string | undefined): string | null => {
  const version = versionIn(text);
  return version === null ? null : majorMinorOf(version);
};

/** NVIDIA's images name the package, NGC's the driver that it is from. Null: neither, which says nothing. */
function packageIn(variables: ReadonlyMap<string, string>): CompatPackage | null {
  const [, major, minor] =
    /^cuda-compat-(\d+)-(\d+)/.exec(variables.get('NV_CUDA_COMPAT_PACKAGE') ?? '') ?? [];
  const driverVersion = versionIn(variables.get('CUDA_DRIVER_VERSION'));
  if (major === undefined && driverVersion === null) return null;
  return {
    cudaVersion: major === undefined ? null : `${major}.${minor}`,
    driverVersion,
    driverBranches: null,
    isUsed: null,
  };
}

/** Whether a compat package is in use was seen on one host, and decides nothing on another. */
export function withoutObserved(container: CompatContainer): CompatContainer {
  const { compatPackage } = container;
  if (compatPackage === null || compatPackage === 'none' || compatPackage.isUsed === null) return container;
  return { ...container, compatPackage: { ...compatPackage, isUsed: null } };
}
