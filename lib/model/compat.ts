/** How a container got its GPU; it decides whether anybody checks `NVIDIA_REQUIRE_*`. */
export const injections = ['hook', 'runtime-legacy', 'runtime-cdi', 'cdi-device'] as const;
export type Injection = (typeof injections)[number];

/** What NVIDIA sells a GPU as; forward compatibility is for some of them only. */
export type GpuProductClass = 'data-center' | 'workstation' | 'geforce' | 'jetson';

/** One GPU, as far as CUDA compatibility goes. Null: not known. */
export interface CompatGpu {
  readonly name: string | null;
  /** Such as `9.0`; null is looked up by the name. */
  readonly computeCapability: string | null;
  /** As nvidia-smi prints it: `Tesla`, `NVIDIA RTX`. */
  readonly brand: string | null;
  /** Null is looked up by name and brand. */
  readonly productClass: GpuProductClass | null;
  readonly migEnabled: boolean | null;
}

/** What of a host decides whether a container runs on it. Null: not known. */
export interface CompatHost {
  /** Of the loaded kernel module; under WSL that of the driver of Windows. */
  readonly kernelDriverVersion: string | null;
  /** `open` or `proprietary`. */
  readonly moduleFlavour: 'open' | 'proprietary' | null;
  /** Those that the container would see; empty: not known. */
  readonly gpus: readonly CompatGpu[];
  readonly toolkitVersion: string | null;
  /** `disable-require = true` in the toolkit's config.toml; null is taken for no, its default. */
  readonly disablesRequire: boolean | null;
  readonly isJetson: boolean;
  readonly isWsl: boolean;
}

/** Where a container's CUDA version is known from, best evidence first. */
export const cudaEvidences = [
  'mapped-library',
  'environment',
  'version-file',
  'requirement',
  'given',
] as const;
export type CudaEvidence = (typeof cudaEvidences)[number];

/** Libraries of a `cuda-compat` package in a container. */
export interface CompatPackage {
  /** CUDA version that it is for: `12.8`; null: not known. */
  readonly cudaVersion: string | null;
  /** Driver that its libcuda comes from: `570.86.10`; null: not known. */
  readonly driverVersion: string | null;
  /** Driver branches that its own ELF note lists; null: not read. */
  readonly driverBranches: readonly number[] | null;
  /** True: seen in use, or on the container's library path; false: seen not in use; null: the toolkit decides. */
  readonly isUsed: boolean | null;
}

/** What of a container decides whether it runs on a host. Null: not known. */
export interface CompatContainer {
  /** CUDA that its programs were built with: `12.8` or `12.8.1`. */
  readonly cuda: { readonly version: string; readonly from: CudaEvidence } | null;
  /** `CUDA_VERSION` of its environment as set; without `NVIDIA_REQUIRE_CUDA` the toolkit requires it. */
  readonly cudaVersionVariable: string | null;
  /** Every `NVIDIA_REQUIRE_*` variable as set. */
  readonly requirements: readonly { readonly name: string; readonly value: string }[];
  /** `NVIDIA_DISABLE_REQUIRE` as set; null: not set. */
  readonly disableRequire: string | null;
  /** `none`: known to have none. */
  readonly compatPackage: CompatPackage | 'none' | null;
  /** `NVIDIA_DRIVER_CAPABILITIES` as set; null: not set. */
  readonly driverCapabilities: string | null;
  readonly injection: Injection | null;
  /** Whether its kernels carry PTX, from which a newer GPU's code can be made. */
  readonly hasPtx: boolean | null;
}

export const verdictKinds = [
  'runs',
  'runs-with-limits',
  'refused-at-start',
  'fails-at-init',
  'gpu-not-supported',
  'unknown',
] as const;
export type VerdictKind = (typeof verdictKinds)[number];

/** By which of CUDA's rules it runs. */
export type CompatWay = 'native' | 'minor-version' | 'forward-compat';

/** `low`: read at second hand, or from memory; the verdict says so. */
export type Confidence = 'high' | 'medium' | 'low';

/** What a verdict may rest on, by the names of CompatHost and CompatContainer. */
export type CompatFact =
  | Exclude<keyof CompatHost, 'gpus'>
  | 'gpus'
  | 'gpu.name'
  | 'gpu.computeCapability'
  | 'gpu.brand'
  | 'gpu.productClass'
  | 'gpu.migEnabled'
  | keyof CompatContainer;

/** Which layer of the stack a step is about. */
export type CompatLayer = 'driver' | 'gpu' | 'toolkit' | 'container';

/** One step of the reasoning, in the order in which a person can follow it. */
export interface VerdictStep {
  readonly text: string;
  /** Short name of the rule, the same wherever it applies: `minor-version`. */
  readonly rule: string;
  /** The document that says so, with its address where there is one. */
  readonly source: string;
  readonly confidence: Confidence;
  readonly layer: CompatLayer;
  /** How the step came out: `stops` is what decides against. */
  readonly outcome: 'fine' | 'limits' | 'stops' | 'unknown';
  /** What was looked at. All that a verdict depends on is in the `facts` of its steps. */
  readonly facts: readonly CompatFact[];
}

/** A smallest change after which the container runs; each was tried before it is told. */
export type CompatFix =
  /** `version` is one with which it runs; `at-most` where newer drivers no longer have the GPU. */
  | FixOf<
      'driver',
      { readonly bound: 'at-least' | 'at-most'; readonly version: string; readonly branch: number }
    >
  | FixOf<'image', { readonly bound: 'at-least' | 'at-most'; readonly cudaVersion: string }>
  | FixOf<'compat-package', { readonly cudaVersion: string }>
  | FixOf<'drop-compat', object>
  | FixOf<'disable-require', object>
  | FixOf<'capabilities', { readonly value: string }>
  | FixOf<'module-flavour', { readonly flavour: 'open' | 'proprietary' }>
  /** Only these of the host's GPUs, by their place in `gpus`. */
  | FixOf<'choose-gpus', { readonly gpus: readonly number[] }>;

type FixOf<Kind extends string, Details> = Details & { readonly kind: Kind; readonly text: string };

/** A datum without which there is no verdict. */
export interface MissingDatum {
  readonly fact: CompatFact | 'data';
  readonly text: string;
}

export interface Verdict {
  readonly verdict: VerdictKind;
  /** Null unless it runs. */
  readonly way: CompatWay | null;
  /** At least one. */
  readonly reasons: readonly VerdictStep[];
  /** What is missing while it runs, in sentences; empty with `runs`. */
  readonly limits: readonly string[];
  /** The words that the user will see; null: it runs, or nothing is known to be printed. */
  readonly errorText: string | null;
  readonly fixes: readonly CompatFix[];
  /** Not empty with `unknown`, else empty. */
  readonly missing: readonly MissingDatum[];
  /** The least of its reasons'. */
  readonly confidence: Confidence;
}

export const runsAtAll = ({ verdict }: Pick<Verdict, 'verdict'>): boolean =>
  verdict === 'runs' || verdict === 'runs-with-limits';

/** A host of the fleet in an answer. */
export interface CompatHostView {
  readonly id: string;
  readonly hostname: string;
  readonly group: string;
  /** GPUs without a process on them now; null: not known. */
  readonly freeGpus: number | null;
}

/** Hosts that share a verdict. */
export interface CompatOutcome {
  readonly verdict: Verdict;
  readonly hosts: readonly CompatHostView[];
}

/** Where an image's configuration was read. */
export interface CompatImage {
  /** As asked for. */
  readonly reference: string;
  /** `sha256:…` of its configuration; null: not known. */
  readonly digest: string | null;
  readonly from: 'fleet' | 'registry';
}

/** Body of POST /api/v1/compat/check. At least one of image, require, cuda. */
export interface CompatCheckRequest {
  readonly image?: string | undefined;
  /** As the value of `NVIDIA_REQUIRE_CUDA`. */
  readonly require?: string | undefined;
  readonly cuda?: string | undefined;
  /** CUDA version of a compat package in the image, or `none`. */
  readonly compat?: string | undefined;
  /** As the value of `NVIDIA_DRIVER_CAPABILITIES`. */
  readonly driverCapabilities?: string | undefined;
  readonly injection?: Injection | undefined;
  readonly toolkit?: string | undefined;
  /** Only hosts of these groups, and with these labels (`key=value`). */
  readonly group?: readonly string[] | undefined;
  readonly label?: readonly string[] | undefined;
}

/** Answer of POST /api/v1/compat/check. */
export interface CompatCheckAnswer {
  readonly image: CompatImage | null;
  /** What was judged; `injection` null: each host's own way. */
  readonly container: CompatContainer;
  readonly hostsByVerdict: Readonly<Record<VerdictKind, number>>;
  /** Best verdict first, hosts with free GPUs first. */
  readonly outcomes: readonly CompatOutcome[];
}
