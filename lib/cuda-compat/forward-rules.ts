import type { CompatPackage, Confidence, MissingDatum } from '../model/index.ts';
import { type PackageCase, plainRoad, type Road } from './cuda-rules.ts';
import type { SourceName } from './data/sources.ts';
import { cudaErrorText } from './error-texts.ts';
import { describeGpu, knownGpus } from './known-gpu.ts';
import type { Reasoning, Step } from './reasoning.ts';
import { isAtLeast, majorMinorOf, majorOf } from './versions.ts';

export interface PackagePlace {
  /** Null: not known. */
  readonly isUsed: boolean | null;
  readonly step: Step;
  readonly missing: readonly MissingDatum[];
}

/** Driver branch whose libcuda a package carries. */
function branchOfPackage(r: Reasoning, { cudaVersion, driverVersion }: CompatPackage): number | null {
  if (driverVersion !== null) return majorOf(driverVersion);
  const cuda = cudaVersion === null ? null : majorMinorOf(cudaVersion);
  if (cuda === null) return null;
  return r.tables.forwardOf(cuda)?.pairs ?? r.tables.branchWithCuda(cuda)?.branch ?? null;
}

/** CUDA that a package brings, as `12.8`. */
function cudaOfPackage(r: Reasoning, compat: CompatPackage): string | null {
  if (compat.cudaVersion !== null) return majorMinorOf(compat.cudaVersion);
  return compat.driverVersion === null ? null : (r.tables.branchOf(compat.driverVersion)?.cuda ?? null);
}

/** Branches that a package takes by its own word; null: not known. */
function ownBranches(r: Reasoning, compat: CompatPackage): readonly number[] | null {
  if (compat.driverBranches !== null) return compat.driverBranches;
  const cuda = cudaOfPackage(r, compat);
  return cuda === null ? null : (r.tables.libraryOf(cuda)?.branches ?? null);
}

const step = (text: string, more: Partial<Step> = {}): Step => ({
  rule: 'compat-package',
  layer: 'container',
  outcome: 'fine',
  text,
  source: 'compatHook',
  ...more,
});

const known = (isUsed: boolean, text: string, more: Partial<Step> = {}): PackagePlace => ({
  isUsed,
  step: step(text, more),
  missing: [],
});

const notKnown = (text: string, fact: MissingDatum['fact'], what: string): PackagePlace => ({
  isUsed: null,
  step: step(text, { outcome: 'unknown' }),
  missing: [{ fact, text: what }],
});

/** Whether the container's compat package takes the place of the host's libcuda. */
export function placeOf(r: Reasoning, { compat, driver }: PackageCase): PackagePlace {
  const cuda = cudaOfPackage(r, compat) ?? 'unknown version';
  if (compat.isUsed !== null)
    return known(compat.isUsed, `The compat package (${cuda}) is ${compat.isUsed ? '' : 'not '}in use.`);
  const branch = branchOfPackage(r, compat);
  const hostBranch = majorOf(driver) ?? 0;
  if (branch === null)
    return notKnown(
      'What compat package the image carries is not known.',
      'compatPackage',
      'the version of the compat package',
    );
  if (hostBranch >= branch)
    return known(
      false,
      `The compat package (${cuda}, R${branch}) is not newer than the host's driver, so it is not used.`,
    );
  const toolkit = r.host('toolkitVersion');
  if (toolkit === null)
    return notKnown(
      `Whether the compat package (${cuda}) is used depends on the container toolkit, whose version is not known.`,
      'toolkitVersion',
      'the version of the NVIDIA Container Toolkit',
    );
  return placeByToolkit(r, { compat, hostBranch, cuda, toolkit });
}

interface ToolkitCase {
  readonly compat: CompatPackage;
  readonly hostBranch: number;
  readonly cuda: string;
  readonly toolkit: string;
}

function placeByToolkit(r: Reasoning, { compat, hostBranch, cuda, toolkit }: ToolkitCase): PackagePlace {
  if (isAtLeast(toolkit, '1.20.0')) {
    const own = ownBranches(r, compat);
    const listed = own ?? r.tables.forwardOf(cuda)?.branches ?? [];
    const takes = listed.includes(hostBranch);
    const text = takes
      ? `Toolkit ${toolkit} uses the compat package (${cuda}): it is for drivers of R${hostBranch}.`
      : `Toolkit ${toolkit} does not use the compat package (${cuda}): it is not for drivers of R${hostBranch}.`;
    return known(takes, text, { confidence: own === null ? 'medium' : 'high' });
  }
  if (isAtLeast(toolkit, '1.17.4') && !isAtLeast(toolkit, '1.17.5'))
    return known(
      false,
      `Toolkit ${toolkit} leaves compat packages alone unless its configuration says otherwise.`,
    );
  const injection = r.container('injection');
  if (injection === null)
    return notKnown(
      `Whether toolkit ${toolkit} uses the compat package (${cuda}) depends on how the GPU is injected.`,
      'injection',
      'how the container gets its GPU: hook, runtime-legacy, runtime-cdi or cdi-device',
    );
  const isCdi = injection === 'runtime-cdi' || injection === 'cdi-device';
  const since = injection === 'hook' ? '1.17.7' : '1.17.5';
  const isUsed = isAtLeast(toolkit, '1.17.5') ? isAtLeast(toolkit, since) : !isCdi;
  const text = `Toolkit ${toolkit} ${isUsed ? 'puts' : 'does not put'} the compat package (${cuda}, newer than the host's driver) in the place of libcuda.`;
  return known(isUsed, text, { confidence: 'medium' });
}

const limits = ['no interoperation with OpenGL and Vulkan through the compat libraries'];

const stopped = (
  text: string,
  code: 803 | 804,
  about: { source: SourceName; confidence: Confidence },
): Road => ({
  way: null,
  outcome: { is: 'stops', errorText: cudaErrorText(code) },
  steps: [
    { rule: 'forward-compat', layer: code === 804 ? 'gpu' : 'container', outcome: 'stops', text, ...about },
  ],
  missing: [],
});

/** With the compat package in use: the right kind of GPU, and a pair of driver and package that is made for each other. */
export function forwardRoad(r: Reasoning, { compat, cuda, driver }: PackageCase): Road {
  const ofPackage = cudaOfPackage(r, compat);
  const hostBranch = majorOf(driver) ?? 0;
  if (ofPackage === null)
    return doubtful(
      'The version of the compat package is not known.',
      'compatPackage',
      'the version of the compat package',
    );
  const byGpu = gpuRefusal(r);
  if (byGpu !== null) return byGpu;
  const pair = pairOf(r, { compat, ofPackage, hostBranch });
  if (!pair.fits)
    return stopped(
      `A compat package for CUDA ${ofPackage} does not go with a driver of R${hostBranch}.`,
      803,
      pair,
    );
  // The package's libcuda stands in for the host's: CUDA's rules hold for it.
  const stand = branchOfPackage(r, compat);
  const inner = plainRoad(
    r,
    cuda,
    compat.driverVersion ?? floorOfCuda(r, ofPackage) ?? String(stand ?? hostBranch),
  );
  if (inner.outcome.is === 'stops' || inner.outcome.is === 'unknown') return inner;
  const text = `The compat package brings CUDA ${ofPackage} to a driver of R${hostBranch} (forward compatibility); ${pair.text}.`;
  return {
    way: 'forward-compat',
    outcome: {
      is: 'limits',
      limits: [...limits, ...(inner.outcome.is === 'limits' ? inner.outcome.limits : [])],
    },
    steps: [
      {
        rule: 'forward-compat',
        layer: 'container',
        outcome: 'limits',
        text,
        source: pair.source,
        confidence: pair.confidence,
      },
      ...(inner.way === 'minor-version' ? inner.steps : []),
    ],
    missing: [],
  };
}

/** The driver of the newest toolkit of that minor, which its compat package is at least. */
function floorOfCuda(r: Reasoning, majorMinor: string): string | null {
  return r.tables.toolkitOf(`${majorMinor}.999`)?.linuxDriver ?? null;
}

function doubtful(text: string, fact: MissingDatum['fact'], what: string): Road {
  return {
    way: null,
    outcome: { is: 'unknown' },
    steps: [{ rule: 'forward-compat', layer: 'container', outcome: 'unknown', text, source: 'compatGuide' }],
    missing: [{ fact, text: what }],
  };
}

/** The GPU for which forward compatibility is not there, or not known to be. */
function gpuRefusal(r: Reasoning): Road | null {
  const gpus = knownGpus(r, r.host('gpus'));
  const classes = gpus.map((gpu) => ({ gpu, productClass: gpu.productClass() }));
  const geforce = classes.find(({ productClass }) => productClass === 'geforce');
  if (geforce !== undefined)
    return stopped(
      `Forward compatibility is for data center GPUs, and ${describeGpu(geforce.gpu)} is none: its compat package is in the way.`,
      804,
      { source: 'compatGuide', confidence: 'high' },
    );
  const other = classes.find(
    ({ productClass }) => productClass !== 'data-center' && productClass !== 'jetson',
  );
  if (other === undefined && classes.length > 0) return null;
  if (other === undefined || other.productClass === null)
    return doubtful(
      'Forward compatibility is for data center GPUs; which kind this is, is not known.',
      'gpu.productClass',
      'whether the GPU is a data center GPU',
    );
  return doubtful(
    `Forward compatibility is for data center GPUs and for some RTX cards (NGC-ready servers); whether ${describeGpu(other.gpu)} is one, is not known.`,
    'gpu.productClass',
    'whether this RTX card is one of those that forward compatibility is for',
  );
}

interface Pair {
  readonly fits: boolean;
  readonly text: string;
  readonly source: SourceName;
  readonly confidence: Confidence;
}

function pairOf(
  r: Reasoning,
  { compat, ofPackage, hostBranch }: { compat: CompatPackage; ofPackage: string; hostBranch: number },
): Pair {
  const row = r.tables.forwardOf(ofPackage);
  if (row !== null && (row.branches.includes(hostBranch) || row.pairs === hostBranch))
    return { ...row, fits: true, text: "NVIDIA's table has the pair" };
  const own = ownBranches(r, compat);
  if (own !== null)
    return {
      fits: own.includes(hostBranch),
      text: `its library takes R${hostBranch}, which NVIDIA's table no longer lists`,
      source: 'compatElfNote',
      confidence: 'high',
    };
  const older = r.tables.olderForwardOf(ofPackage);
  if (older?.branches.includes(hostBranch) === true)
    return { ...older, fits: true, text: 'an earlier edition of the table had the pair' };
  return { fits: false, text: '', source: 'compatGuide', confidence: row === null ? 'medium' : 'high' };
}
