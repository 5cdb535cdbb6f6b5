import { capabilityOfPciDevice } from '../../cuda-compat/index.ts';
import type {
  CompatContainer,
  CompatGpu,
  CompatHost,
  Container,
  ContainerCuda,
  FailedContainer,
  FoundCuda,
  Injection,
  Report,
  ReportedGpu,
} from '../../model/index.ts';
import { currentStack, driverVersionOf } from '../../model/index.ts';

export type AnyContainer = Container | FailedContainer;

const flavours = ['open', 'proprietary'] as const;
const jetsonNames = /\b(?:Orin|Xavier|Jetson|Tegra)\b|\bThor\b.*nvgpu/i;

/** GPUs of a report as compatibility sees them; of one container those that it was given, where that is known. */
function gpusOf(report: Report, container: AnyContainer | null): readonly ReportedGpu[] {
  const given = container?.grant?.gpuUuids ?? [];
  const used = container !== null && 'gpus' in container ? container.gpus.map(({ gpuUuid }) => gpuUuid) : [];
  const wanted = new Set(given.length > 0 ? given : used);
  const own = report.gpus.filter(({ uuid }) => uuid !== null && wanted.has(uuid));
  return own.length > 0 ? own : report.gpus;
}

/** Where nvidia-smi tells of no GPU, those that are plugged in, as far as their PCI ids say what they are. */
const pluggedIn = ({ pciGpus }: Report): readonly CompatGpu[] =>
  (pciGpus ?? [])
    .filter(({ passedThrough }) => !passedThrough)
    .map(({ deviceId }) => ({
      name: null,
      computeCapability: capabilityOfPciDevice(deviceId),
      brand: null,
      productClass: null,
      migEnabled: null,
    }));

/** The host under a container; null: as any container would find it, with all GPUs. */
export function compatHostOf(report: Report, container: AnyContainer | null = null): CompatHost {
  const stack = currentStack(report);
  const told = gpusOf(report, container).map(({ name, computeCapability, brand, migMode }) => ({
    name,
    computeCapability,
    brand,
    productClass: null,
    migEnabled: migMode === null ? null : migMode.current === true,
  }));
  return {
    kernelDriverVersion: driverVersionOf(stack),
    moduleFlavour: flavours.find((flavour) => flavour === stack.kernelModuleFlavour) ?? null,
    gpus: report.gpus.length === 0 ? pluggedIn(report) : told,
    toolkitVersion: stack.containerToolkitVersion,
    disablesRequire: null,
    isJetson: report.gpus.some(({ name }) => jetsonNames.test(name ?? '')),
    isWsl: /microsoft/i.test(stack.kernelVersion ?? ''),
  };
}

/** The same text for hosts of which every verdict is the same. */
export const hostKey = (host: CompatHost): string =>
  [
    host.kernelDriverVersion,
    host.moduleFlavour,
    host.toolkitVersion,
    host.disablesRequire,
    host.isJetson,
    host.isWsl,
    // In their order and number: a fix may name them by their places.
    ...host.gpus.map((gpu) => `${gpu.name}|${gpu.computeCapability}|${gpu.brand}|${gpu.migEnabled}`),
  ].join('\n');

const isWhole = (version: string): boolean => version.includes('.');

/** The CUDA that counts: the best evidence that tells the whole version and does not contradict a better one. */
export function cudaOf(evidence: readonly FoundCuda[]): FoundCuda | null {
  const [best] = evidence;
  if (best === undefined || isWhole(best.version)) return best ?? null;
  return evidence.find(({ version }) => isWhole(version) && version.startsWith(`${best.version}.`)) ?? null;
}

function compatPackageOf(cuda: ContainerCuda | null | undefined): CompatContainer['compatPackage'] {
  if (cuda == null) return null;
  const { compat, isLookedInto } = cuda;
  if (compat === null) return isLookedInto ? 'none' : null;
  // NVIDIA's images name the package in a variable: `cuda-compat-12-8`.
  const [, major, minor] = /^NV_CUDA_COMPAT_PACKAGE=cuda-compat-(\d{1,2})-(\d{1,2})/.exec(compat.from) ?? [];
  return {
    cudaVersion: major === undefined ? null : `${major}.${minor}`,
    driverVersion: compat.driverVersion,
    driverBranches: null,
    isUsed: compat.isMapped,
  };
}

/** What of a reported container decides its verdict. Of an older agent's it is what its environment said. */
export function compatContainerOf(container: AnyContainer): CompatContainer {
  const { cuda, requirements, injection, cudaVersion, requireCuda } = container;
  const version = /^\d+\.\d+/.exec(cudaVersion ?? '')?.[0];
  const found = cudaOf(
    cuda?.evidence ?? (version === undefined ? [] : [{ kind: 'environment', version, from: 'CUDA_VERSION' }]),
  );
  const variables =
    requirements?.variables ?? (requireCuda === null ? {} : { NVIDIA_REQUIRE_CUDA: requireCuda });
  return {
    cuda: found === null ? null : { version: found.version, from: found.kind },
    cudaVersionVariable: cudaVersion,
    requirements: Object.entries(variables).map(([name, value]) => ({ name, value })),
    disableRequire: requirements?.disableRequire ?? null,
    compatPackage: compatPackageOf(cuda),
    driverCapabilities: requirements?.driverCapabilities ?? null,
    injection: injection?.way ?? null,
    hasPtx: null,
  };
}

/** The same text for containers of which every verdict is the same. */
export const containerKey = (container: CompatContainer): string =>
  [
    container.cuda?.version,
    container.cuda?.from,
    container.cudaVersionVariable,
    container.disableRequire,
    container.driverCapabilities,
    container.injection,
    container.hasPtx,
    typeof container.compatPackage === 'object' && container.compatPackage !== null
      ? `${container.compatPackage.cudaVersion}|${container.compatPackage.driverVersion}|${container.compatPackage.isUsed}|${container.compatPackage.driverBranches?.join()}`
      : container.compatPackage,
    ...container.requirements.map(({ name, value }) => `${name}=${value}`),
  ].join('\n');

/** From this version on the toolkit's runtime uses CDI unless told. */
const firstByCdi = [1, 18];

/**
 * How a container would get its GPUs on this host: the way of those that it has, else its toolkit's default. Null
 * where neither is known.
 */
export function hostInjection({ containers, stack }: Report): Injection | null {
  const counts = new Map<Injection, number>();
  for (const { injection } of containers)
    if (injection?.way != null) counts.set(injection.way, (counts.get(injection.way) ?? 0) + 1);
  const [most] = [...counts].sort((a, b) => b[1] - a[1]);
  if (most !== undefined) return most[0];
  const toolkit = /^(\d+)\.(\d+)/.exec(stack.containerToolkitVersion ?? '');
  if (toolkit === null) return null;
  const [major = 0, minor = 0] = [Number(toolkit[1]), Number(toolkit[2])];
  const isByCdi = major > (firstByCdi[0] ?? 0) || (major === firstByCdi[0] && minor >= (firstByCdi[1] ?? 0));
  return isByCdi ? 'runtime-cdi' : 'runtime-legacy';
}
