import type { CompatPackage, CompatWay, MissingDatum } from '../model/index.ts';
import { cudaErrorText } from './error-texts.ts';
import { forwardRoad, placeOf } from './forward-rules.ts';
import type { Reasoning, RuleOutcome, Step } from './reasoning.ts';
import { isAtLeast, majorMinorOf, majorOf } from './versions.ts';

/** One way in which it may come out, before it is known which. */
export interface Road {
  readonly way: CompatWay | null;
  readonly outcome: RuleOutcome;
  readonly steps: readonly Step[];
  readonly missing: readonly MissingDatum[];
}

export interface CudaOutcome {
  readonly outcome: RuleOutcome;
  readonly way: CompatWay | null;
}

/** What CUDA itself says: native, by minor-version compatibility, by a compat package, or not at all. */
export function cudaRules(r: Reasoning): CudaOutcome {
  const cuda = r.container('cuda')?.version ?? null;
  const driver = r.host('kernelDriverVersion');
  if (driver === null || majorOf(driver) === null) {
    r.lack('kernelDriverVersion', 'the version of the loaded kernel driver');
    return unknownBecause(r, 'The kernel driver decides, and its version is not known.');
  }
  if (cuda === null || majorMinorOf(cuda) === null) {
    r.lack('cuda', "the CUDA version of the container's programs");
    return unknownBecause(r, 'Which CUDA the container was built with is not known.');
  }
  if (r.host('isJetson')) {
    r.lack('data', 'which CUDA each JetPack release runs: that is in no table');
    return unknownBecause(r, 'A Jetson gets its driver with JetPack, whose releases are in no table.');
  }
  const roads = roadsOf(r, cuda, driver);
  const chosen = agreed(roads);
  for (const step of chosen.steps) r.say(step);
  for (const { fact, text } of chosen.missing) r.lack(fact, text);
  return { outcome: chosen.outcome, way: chosen.way };
}

function unknownBecause(r: Reasoning, text: string): CudaOutcome {
  r.say({ rule: 'kernel-driver-decides', layer: 'driver', outcome: 'unknown', text, source: 'minorGuide' });
  return { outcome: { is: 'unknown' }, way: null };
}

/** Where all that is possible comes to the same verdict, what is not known does not matter. */
function agreed(roads: readonly Road[]): Road {
  const [first, ...others] = roads;
  if (first === undefined) throw new Error('a case has at least one road');
  if (others.every(({ outcome }) => outcome.is === first.outcome.is && outcome.is !== 'unknown'))
    return first;
  const missing = roads.flatMap((road) => road.missing);
  const text = `That depends on what is not known: ${[...new Set(missing.map((each) => each.text))].join('; ')}.`;
  const doubt: Step = {
    rule: 'compat-package',
    layer: 'container',
    outcome: 'unknown',
    text,
    source: 'compatHook',
  };
  return { way: null, outcome: { is: 'unknown' }, steps: [...withoutEnd(first.steps), doubt], missing };
}

/** What one of several ends would say is no longer the end. */
const withoutEnd = (steps: readonly Step[]): readonly Step[] =>
  steps.map((step) => (step.outcome === 'stops' ? { ...step, outcome: 'unknown' as const } : step));

function roadsOf(r: Reasoning, cuda: string, driver: string): readonly Road[] {
  const plain = plainRoad(r, cuda, driver);
  const compat = r.container('compatPackage');
  if (compat === 'none' || r.host('isWsl')) return [plain];
  if (compat !== null) return withPackage(r, { compat, cuda, driver, plain });
  if (plain.way === 'native') return [plain];
  const presumed: CompatPackage = {
    cudaVersion: majorMinorOf(cuda),
    driverVersion: null,
    driverBranches: null,
    isUsed: null,
  };
  const lack: MissingDatum = {
    fact: 'compatPackage',
    text: 'whether the image carries a cuda-compat package',
  };
  const roads = [plain, ...withPackage(r, { compat: presumed, cuda, driver, plain })];
  return roads.map((road) => ({ ...road, missing: [lack, ...road.missing] }));
}

export interface PackageCase {
  readonly compat: CompatPackage;
  readonly cuda: string;
  readonly driver: string;
  /** How it comes out without the package. */
  readonly plain: Road;
}

function withPackage(r: Reasoning, known: PackageCase): readonly Road[] {
  const { isUsed, step, missing } = placeOf(r, known);
  const unused = (): Road => ({
    ...known.plain,
    steps: [step, ...known.plain.steps],
    missing: [...missing, ...known.plain.missing],
  });
  const used = (): Road => {
    const road = forwardRoad(r, known);
    return { ...road, steps: [step, ...road.steps], missing: [...missing, ...road.missing] };
  };
  if (isUsed === null) return [unused(), used()];
  return [isUsed ? used() : unused()];
}

/** Without a compat package. `driver` may be that of one, which then stands in for the host's. */
export function plainRoad(r: Reasoning, cuda: string, driver: string): Road {
  const isWsl = r.host('isWsl');
  const { tables } = r;
  const major = majorOf(cuda) ?? 0;
  const row = tables.toolkitOf(cuda);
  const floor = isWsl ? (row?.windowsDriver ?? null) : (row?.linuxDriver ?? branchFloor(r, cuda));
  if (floor !== null && isAtLeast(driver, floor)) return nativeRoad({ cuda, driver, floor }, row?.confidence);
  // Older than the tables: the oldest driver in them ran it already.
  const oldest = tables.data.toolkits.at(-1);
  if (row === null && oldest !== undefined && !isAtLeast(cuda, oldest.toolkit))
    return isAtLeast(driver, oldest.linuxDriver)
      ? nativeRoad({ cuda, driver, floor: oldest.linuxDriver }, 'medium')
      : dataLacks(`which driver CUDA ${cuda} needs: it is older than the tables`);
  if (floor === null && major > (majorOf(tables.newestCuda) ?? 0))
    return dataLacks(
      `which driver CUDA ${cuda} needs: the tables (${tables.data.asOf}) end at ${tables.newestCuda}`,
    );
  const minor = tables.minorFloorOf(major);
  const minorFloor = isWsl ? (minor?.windowsDriver ?? null) : (minor?.linuxDriver ?? null);
  if (minor !== null && minorFloor === null)
    return dataLacks(`from which driver of Windows on CUDA ${major} runs`);
  if (minorFloor !== null && isAtLeast(driver, minorFloor))
    return minorRoad({ cuda, driver, floor, minorFloor }, isWsl ? 'medium' : 'high');
  return tooOld({ cuda, driver, floor, minorFloor });
}

/** R565 has CUDA 12.7, of which there was no toolkit. */
function branchFloor(r: Reasoning, cuda: string): string | null {
  const row = r.tables.branchWithCuda(majorMinorOf(cuda) ?? '');
  return row === null ? null : String(row.branch);
}

interface Compared {
  readonly cuda: string;
  readonly driver: string;
  readonly floor: string | null;
  readonly minorFloor?: string | null;
}

/** A floor that is a branch alone: `R615`. */
const floorText = (floor: string): string => (/^\d+$/.test(floor) ? `branch R${floor}` : `driver ${floor}`);

function nativeRoad({ cuda, driver, floor }: Compared, confidence: Step['confidence'] = 'high'): Road {
  const text = `CUDA ${cuda} needs ${floorText(floor ?? '')} or newer; ${driver} is.`;
  const step: Step = {
    rule: 'native',
    layer: 'driver',
    outcome: 'fine',
    text,
    source: 'toolkitReleaseNotes',
    confidence,
  };
  return { way: 'native', outcome: { is: 'fine' }, steps: [step], missing: [] };
}

function minorRoad(
  { cuda, driver, floor, minorFloor }: Compared,
  confidence: Step['confidence'] = 'high',
): Road {
  const made =
    floor === null
      ? `CUDA ${cuda} is newer than the tables`
      : `CUDA ${cuda} was made for ${floorText(floor)}, and ${driver} is older`;
  const text = `${made}; but programs of CUDA ${majorOf(cuda)} run from driver ${minorFloor} on (minor-version compatibility).`;
  const step: Step = {
    rule: 'minor-version',
    layer: 'driver',
    outcome: 'limits',
    text,
    source: 'minorGuide',
    confidence,
  };
  const limits = [
    `PTX that is newer than the driver cannot be compiled (${cudaErrorText(222)})`,
    `what needs a newer driver fails (${cudaErrorText(36)})`,
  ];
  return { way: 'minor-version', outcome: { is: 'limits', limits }, steps: [step], missing: [] };
}

function tooOld({ cuda, driver, floor, minorFloor = null }: Compared): Road {
  const needs =
    minorFloor === null
      ? `CUDA ${cuda} needs ${floorText(floor ?? '')} or newer, and before CUDA 11 there is no minor-version compatibility`
      : `CUDA ${majorOf(cuda)} runs from driver ${minorFloor} on`;
  const step: Step = {
    rule: 'driver-too-old',
    layer: 'driver',
    outcome: 'stops',
    text: `${needs}; ${driver} is older.`,
    source: minorFloor === null ? 'toolkitReleaseNotes' : 'minorGuide',
  };
  return { way: null, outcome: { is: 'stops', errorText: cudaErrorText(35) }, steps: [step], missing: [] };
}

function dataLacks(text: string): Road {
  const step: Step = {
    rule: 'outside-the-tables',
    layer: 'driver',
    outcome: 'unknown',
    text: `There is no row that says ${text}.`,
    source: 'toolkitReleaseNotes',
  };
  return { way: null, outcome: { is: 'unknown' }, steps: [step], missing: [{ fact: 'data', text }] };
}
