import {
  type CompatContainer,
  type CompatFix,
  type CompatHost,
  runsAtAll,
  type VerdictKind,
} from '../model/index.ts';
import { type Decision, decide } from './decide.ts';
import type { Tables } from './tables.ts';
import { compareVersions, isAtLeast, majorMinorOf, majorOf } from './versions.ts';

export interface Case {
  readonly host: CompatHost;
  readonly container: CompatContainer;
}

/** The case after a fix. */
export function applyFix({ host, container }: Case, fix: CompatFix): Case {
  switch (fix.kind) {
    case 'driver':
      // Whoever installs a driver chooses its kernel modules too.
      return { host: { ...host, kernelDriverVersion: fix.version, moduleFlavour: null }, container };
    case 'image':
      return { host, container: imageWith(container, fix.cudaVersion) };
    case 'compat-package':
      return { host, container: { ...container, compatPackage: packageOf(fix.cudaVersion) } };
    case 'drop-compat':
      return { host, container: { ...container, compatPackage: 'none' } };
    case 'disable-require':
      return { host, container: { ...container, disableRequire: 'true' } };
    case 'capabilities':
      return { host, container: { ...container, driverCapabilities: fix.value } };
    case 'module-flavour':
      return { host: { ...host, moduleFlavour: fix.flavour }, container };
    case 'choose-gpus':
      return { host: { ...host, gpus: host.gpus.filter((_, at) => fix.gpus.includes(at)) }, container };
  }
}

/** Another edition of the image, which requires its own CUDA as NVIDIA's images do. */
const imageWith = (container: CompatContainer, cudaVersion: string): CompatContainer => ({
  ...container,
  cuda: { version: cudaVersion, from: 'given' },
  cudaVersionVariable: null,
  requirements: [{ name: 'NVIDIA_REQUIRE_CUDA', value: `cuda>=${cudaVersion}` }],
  compatPackage: 'none',
});

const packageOf = (cudaVersion: string) => ({
  cudaVersion,
  driverVersion: null,
  driverBranches: null,
  isUsed: true,
});

const failing: readonly VerdictKind[] = ['refused-at-start', 'fails-at-init', 'gpu-not-supported'];

/** The smallest changes after which it runs, each tried. None for what is not known, or runs. */
export function fixesOf(known: Case, decision: Decision, tables: Tables): readonly CompatFix[] {
  if (!failing.includes(decision.verdict)) return [];
  const first = (candidates: Iterable<CompatFix>): readonly CompatFix[] => {
    for (const fix of candidates) {
      const after = applyFix(known, fix);
      const then = decide(after.host, after.container, tables);
      if (runsAtAll(then)) return [withModules(fix, then)];
    }
    return [];
  };
  return [
    first(modules()),
    first(chosenGpus(known)),
    first(newerDrivers(known, tables)),
    first(olderDrivers(known, tables)),
    first(capabilities(known)),
    first(dropped(known)),
    first(packages(known, tables)),
    first(olderImages(known, tables)),
    first(newerImages(known, tables)),
    first(unrequired()),
  ].flat();
}

/** A driver says with which of its kernel modules, where that matters. */
function withModules(fix: CompatFix, { reasons }: Decision): CompatFix {
  const needs = reasons.some(
    ({ rule, text }) => rule === 'kernel-modules' && text.includes('the open kernel'),
  );
  return fix.kind === 'driver' && needs ? { ...fix, text: `${fix.text}, with its open kernel modules` } : fix;
}

/** Where a driver's version is no Linux version, none of ours is an upgrade of it. */
const hasOwnNumbers = ({ host }: Case): boolean => !host.isJetson && !host.isWsl;

function* newerDrivers(known: Case, { data }: Tables): Generator<CompatFix> {
  const now = known.host.kernelDriverVersion;
  if (now === null || !hasOwnNumbers(known)) return;
  const floors = [
    ...data.toolkits.map(({ linuxDriver }) => linuxDriver),
    ...data.minorFloors.map(({ linuxDriver }) => linuxDriver),
    ...data.branches.map(({ branch }) => String(branch)),
  ];
  for (const version of [...new Set(floors)].sort(compareVersions)) {
    if (isAtLeast(now, version)) continue;
    const isBranch = /^\d+$/.test(version);
    const text = `a driver of ${isBranch ? `branch R${version}` : version} or newer on the host`;
    yield { kind: 'driver', bound: 'at-least', version, branch: majorOf(version) ?? 0, text };
  }
}

function* olderDrivers(known: Case, { data }: Tables): Generator<CompatFix> {
  const now = known.host.kernelDriverVersion;
  if (now === null || !hasOwnNumbers(known)) return;
  for (const { branch, newestKnown } of data.branches) {
    if (newestKnown === null || branch >= (majorOf(now) ?? 0)) continue;
    const text = `a driver of branch R${branch} at most (newest known: ${newestKnown}) on the host`;
    yield { kind: 'driver', bound: 'at-most', version: newestKnown, branch, text };
  }
}

const minorsOf = ({ data }: Tables): readonly string[] => [
  ...new Set(data.toolkits.map(({ toolkit }) => majorMinorOf(toolkit) ?? '')),
];

function* olderImages({ container }: Case, tables: Tables): Generator<CompatFix> {
  const now = container.cuda?.version ?? null;
  for (const cudaVersion of minorsOf(tables)) {
    if (now !== null && isAtLeast(cudaVersion, majorMinorOf(now) ?? '')) continue;
    const text = `an image of CUDA ${cudaVersion} or older`;
    yield { kind: 'image', bound: 'at-most', cudaVersion, text };
  }
}

function* newerImages({ container }: Case, tables: Tables): Generator<CompatFix> {
  const now = container.cuda?.version ?? null;
  if (now === null) return;
  for (const cudaVersion of minorsOf(tables).toReversed()) {
    if (isAtLeast(now, cudaVersion)) continue;
    yield {
      kind: 'image',
      bound: 'at-least',
      cudaVersion,
      text: `an image of CUDA ${cudaVersion} or newer`,
    };
  }
}

function* packages({ container }: Case, { data }: Tables): Generator<CompatFix> {
  const cuda = container.cuda?.version ?? null;
  if (cuda === null || container.compatPackage !== 'none') return;
  for (const { compat } of data.forward.toReversed()) {
    if (!isAtLeast(compat, majorMinorOf(cuda) ?? '')) continue;
    const text = `the package cuda-compat-${compat.replace('.', '-')} in the image, first on its library path`;
    yield { kind: 'compat-package', cudaVersion: compat, text };
  }
}

function* dropped({ container }: Case): Generator<CompatFix> {
  if (container.compatPackage !== 'none')
    yield { kind: 'drop-compat', text: 'the image without its compat package (/usr/local/cuda/compat)' };
}

function* capabilities({ container }: Case): Generator<CompatFix> {
  if (container.driverCapabilities === null) return;
  const value = 'compute,utility';
  yield { kind: 'capabilities', value, text: `NVIDIA_DRIVER_CAPABILITIES=${value}` };
}

function* modules(): Generator<CompatFix> {
  for (const flavour of ['open', 'proprietary'] as const)
    yield { kind: 'module-flavour', flavour, text: `the ${flavour} kernel modules of the same driver` };
}

function* chosenGpus({ host }: Case): Generator<CompatFix> {
  const kinds = Map.groupBy(host.gpus.keys(), (at) => JSON.stringify(host.gpus[at]));
  if (kinds.size < 2) return;
  for (const gpus of kinds.values()) {
    const name = host.gpus[gpus[0] ?? 0]?.name ?? 'another GPU';
    const text = `only ${name} (${gpus.length === 1 ? `GPU ${gpus[0]}` : `GPUs ${gpus.join(', ')}`}) for this container`;
    yield { kind: 'choose-gpus', gpus, text };
  }
}

function* unrequired(): Generator<CompatFix> {
  yield {
    kind: 'disable-require',
    text: 'NVIDIA_DISABLE_REQUIRE=true: the requirement is not checked, and CUDA alone decides',
  };
}
