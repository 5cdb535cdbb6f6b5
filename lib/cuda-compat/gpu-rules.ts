import type { ArchitectureRow } from './data/rows.ts';
import { cudaErrorText } from './error-texts.ts';
import { describeGpu, type KnownGpu, knownGpus } from './known-gpu.ts';
import { fine, type Reasoning, type RuleOutcome, unknown } from './reasoning.ts';
import { isAtLeast, majorOf } from './versions.ts';

interface Subject {
  readonly gpu: KnownGpu;
  readonly row: ArchitectureRow;
  readonly capability: string;
  /** Its name, with its architecture: for the beginning of a sentence. */
  readonly words: string;
}

/** The worst of several: what stops, then what is not known, then limits. */
function worst(outcomes: readonly RuleOutcome[]): RuleOutcome {
  return (
    outcomes.find(({ is }) => is === 'stops') ??
    outcomes.find(({ is }) => is === 'unknown') ??
    outcomes.find(({ is }) => is === 'limits') ??
    fine
  );
}

/** Whether driver, kernel modules and CUDA have the GPUs at all. */
export function gpuRules(r: Reasoning): RuleOutcome {
  const gpus = knownGpus(r, r.host('gpus'));
  if (gpus.length === 0) {
    const text = 'Which GPUs there are is not known.';
    r.say({ rule: 'which-gpu', layer: 'gpu', outcome: 'unknown', text, source: 'architectureMatrix' });
    r.lack('gpus', 'which GPUs the host has');
    return unknown;
  }
  return worst(gpus.map((gpu) => rulesOf(r, gpu)));
}

function rulesOf(r: Reasoning, gpu: KnownGpu): RuleOutcome {
  const capability = gpu.computeCapability();
  const row = capability === null ? null : r.tables.architectureOf(capability);
  if (capability === null || row === null) {
    const text =
      capability === null
        ? `${describeGpu(gpu)} is in no table, and its compute capability was not told.`
        : `${describeGpu(gpu)}: the tables (of ${r.tables.data.asOf}) have no compute capability ${capability}.`;
    r.say({ rule: 'which-gpu', layer: 'gpu', outcome: 'unknown', text, source: 'cudaGpus' });
    if (capability === null) r.lack('gpu.computeCapability', `the compute capability of ${describeGpu(gpu)}`);
    else r.lack('data', `what CUDA and drivers say of compute capability ${capability}`);
    return unknown;
  }
  const words = `${describeGpu(gpu)} (${row.name}, compute capability ${capability})`;
  const subject = { gpu, row, capability, words };
  const outcomes = [byDriver(r, subject), byModules(r, subject), byToolkit(r, subject)];
  mentionMig(r, subject);
  return worst(outcomes);
}

function byDriver(r: Reasoning, { row, words }: Subject): RuleOutcome {
  const driver = r.host('kernelDriverVersion');
  // Jetson's own driver and that of Windows are numbered apart.
  if (driver === null || r.host('isJetson') || r.host('isWsl')) return fine;
  const branch = majorOf(driver);
  if (branch === null) return fine;
  const said = { rule: 'gpu-and-driver', layer: 'gpu', source: 'architectureMatrix' } as const;
  const { confidence } = row;
  if (branch < row.firstBranch) {
    const text = `${words} needs driver branch R${row.firstBranch} or newer; ${driver} does not know it.`;
    r.say({ ...said, outcome: 'stops', text, confidence });
    return { is: 'stops', errorText: cudaErrorText(100) };
  }
  if (row.lastBranch !== null && branch > row.lastBranch) {
    const text = `R${row.lastBranch} is the last driver branch for ${words}; ${driver} no longer has it.`;
    r.say({ ...said, outcome: 'stops', text, confidence });
    return { is: 'stops', errorText: cudaErrorText(100) };
  }
  if (branch > r.tables.newestBranch) {
    const text = `Driver ${driver} is newer than the tables (R${r.tables.newestBranch}, ${r.tables.data.asOf}); nothing in them ends support for ${words}.`;
    r.say({ ...said, outcome: 'fine', text, confidence: 'medium' });
    return fine;
  }
  r.say({ ...said, outcome: 'fine', text: `Driver ${driver} has ${words}.`, confidence });
  return fine;
}

function byModules(r: Reasoning, { gpu, row, words }: Subject): RuleOutcome {
  if (r.host('isJetson') || r.host('isWsl')) return fine;
  const need = gpu.modules() ?? row.modules;
  if (need === 'either') return fine;
  const flavour = r.host('moduleFlavour');
  const said = { rule: 'kernel-modules', layer: 'driver', source: 'kernelModules' } as const;
  if (flavour === null || flavour === need) {
    const text = `${words} needs the ${need} kernel modules${flavour === null ? '; with the others the driver would not show it' : ', which are loaded'}.`;
    r.say({ ...said, outcome: 'fine', text });
    return fine;
  }
  const text = `${words} works with the ${need} kernel modules only; the ${flavour} ones are loaded.`;
  r.say({ ...said, outcome: 'stops', text });
  return { is: 'stops', errorText: cudaErrorText(100) };
}

function byToolkit(r: Reasoning, subject: Subject): RuleOutcome {
  const { row, words } = subject;
  const cuda = r.container('cuda')?.version ?? null;
  const major = cuda === null ? null : majorOf(cuda);
  // That CUDA is not known is said by CUDA's own rules.
  if (cuda === null || major === null) return fine;
  const said = { rule: 'gpu-and-cuda', layer: 'container', source: 'architectureMatrix' } as const;
  const { confidence } = row;
  if (row.lastToolkitMajor !== null && major > row.lastToolkitMajor) {
    const text = `CUDA ${row.lastToolkitMajor} is the last with code for ${words}; CUDA ${cuda} has none.`;
    r.say({ ...said, outcome: 'stops', text, confidence });
    return { is: 'stops', errorText: cudaErrorText(209) };
  }
  if (isAtLeast(cuda, row.firstToolkit)) {
    r.say({ ...said, outcome: 'fine', text: `CUDA ${cuda} has code for ${words}.`, confidence });
    return fine;
  }
  return withoutOwnCode(r, subject, cuda);
}

/** An image older than the GPU: code of a smaller capability of the same major runs, and PTX does. */
function withoutOwnCode(r: Reasoning, { row, words, capability }: Subject, cuda: string): RuleOutcome {
  const said = { rule: 'code-for-the-gpu', layer: 'container', source: 'bestPractices' } as const;
  const begin = `CUDA ${cuda} is older than ${words}, which CUDA ${row.firstToolkit} brought`;
  const relative = relativeOf(r, capability, cuda);
  if (relative !== null) {
    const text = `${begin}; code for ${relative} runs on ${capability}.`;
    r.say({ ...said, outcome: 'limits', text });
    return {
      is: 'limits',
      limits: [`no code made for this GPU: it runs what was made for compute capability ${relative}`],
    };
  }
  const hasPtx = r.container('hasPtx');
  if (hasPtx === null) {
    const text = `${begin}. It runs only if the image's kernels carry PTX, which is not known; else: ${cudaErrorText(209)}.`;
    r.say({ ...said, outcome: 'unknown', text });
    r.lack('hasPtx', "whether the image's kernels carry PTX");
    return unknown;
  }
  const text = hasPtx
    ? `${begin}; the driver makes code for it from the PTX of its kernels.`
    : `${begin}, and its kernels carry no PTX.`;
  r.say({ ...said, outcome: hasPtx ? 'limits' : 'stops', text });
  return hasPtx
    ? {
        is: 'limits',
        limits: ['kernels are compiled from PTX at the first start, which takes long, and not for this GPU'],
      }
    : { is: 'stops', errorText: cudaErrorText(209) };
}

function relativeOf(r: Reasoning, capability: string, cuda: string): string | null {
  const [major, minor] = capability.split('.').map(Number);
  for (let smaller = (minor ?? 0) - 1; smaller >= 0; smaller--) {
    const name = `${major}.${smaller}`;
    const row = r.tables.architectureOf(name);
    if (row !== null && isAtLeast(cuda, row.firstToolkit)) return name;
  }
  return null;
}

function mentionMig(r: Reasoning, { gpu, words }: Subject): void {
  if (r.gpu(gpu.told, 'migEnabled') !== true) return;
  const text = `MIG is on for ${words}: a process sees one instance of it. That changes nothing of driver or CUDA.`;
  r.say({ rule: 'mig', layer: 'gpu', outcome: 'fine', text, source: 'migGuide' });
}
