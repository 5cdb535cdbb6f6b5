/** Where a facet stands on the page: its layer of the host. */
export type FacetSection = 'driver' | 'containers' | 'gpus' | 'system';

export interface FacetShape {
  /** At the beginning of a line, and within one. */
  readonly title: string;
  readonly words: string;
  readonly section: FacetSection;
  /** `version`: newer and older have a meaning, so a baseline may be a minimum or a range. */
  readonly compares: 'version' | 'text';
  /** Where the values come from, as one short line. */
  readonly from: string;
}

const shape = (
  section: FacetSection,
  compares: FacetShape['compares'],
  [title, words]: readonly [title: string, words: string],
  from: string,
): FacetShape => ({ title, words, section, compares, from });

/**
 * What of a host is compared over the fleet, in the order of the page. A new facet is a row here and a reader in
 * lib/drift/readers; names are public: the API, `/metrics` and the fleet file have them.
 */
export const facetShapes = {
  driver: shape(
    'driver',
    'version',
    ['Driver', 'driver'],
    'loaded kernel module, /proc/driver/nvidia/version',
  ),
  moduleFlavour: shape(
    'driver',
    'text',
    ['Kernel module', 'kernel module'],
    'open or proprietary, /proc/driver/nvidia/version',
  ),
  moduleOnDisk: shape(
    'driver',
    'version',
    ['Module on disk', 'module on disk'],
    'the module that the next boot of this kernel loads, modinfo',
  ),
  library: shape(
    'driver',
    'version',
    ['Driver library', 'driver library'],
    'user space: the file that libnvidia-ml.so.1 leads to',
  ),
  cuda: shape(
    'driver',
    'version',
    ['CUDA of the driver', 'CUDA'],
    'newest CUDA that the driver supports, as nvidia-smi prints it',
  ),
  gspFirmware: shape('driver', 'version', ['GSP firmware', 'GSP firmware'], 'nvidia-smi -q -x'),
  fabricManager: shape(
    'driver',
    'version',
    ['Fabric manager', 'fabric manager'],
    'nv-fabricmanager --version',
  ),
  toolkit: shape('containers', 'version', ['Container toolkit', 'container toolkit'], 'nvidia-ctk --version'),
  toolkitMode: shape(
    'containers',
    'text',
    ['Toolkit mode', 'toolkit mode'],
    'mode in /etc/nvidia-container-runtime/config.toml; `auto` where none is set',
  ),
  noCgroups: shape(
    'containers',
    'text',
    ['no-cgroups', 'no-cgroups'],
    'no-cgroups in /etc/nvidia-container-runtime/config.toml',
  ),
  runtime: shape('containers', 'version', ['Docker', 'container runtime'], 'Docker Engine, by its socket'),
  containerd: shape('containers', 'version', ['containerd', 'containerd'], 'containerd --version'),
  runc: shape('containers', 'version', ['runc', 'runc'], 'runc --version'),
  defaultRuntime: shape(
    'containers',
    'text',
    ['Default runtime', 'default runtime'],
    'Docker Engine, by its socket',
  ),
  nvidiaRuntime: shape(
    'containers',
    'text',
    ['NVIDIA runtime', 'NVIDIA runtime'],
    'whether Docker Engine knows a runtime named nvidia',
  ),
  cdiDriver: shape(
    'containers',
    'version',
    ['CDI: driver', 'driver of the CDI specification'],
    'the driver that the CDI specifications were made for',
  ),
  cdiHash: shape(
    'containers',
    'text',
    ['CDI: content', 'CDI specification'],
    'what the CDI specifications put into a container; names of devices left out',
  ),
  gpuCount: shape('gpus', 'version', ['GPUs', 'number of GPUs'], 'the PCI bus, else nvidia-smi'),
  gpuModels: shape('gpus', 'text', ['GPU models', 'GPU models'], 'nvidia-smi'),
  vbios: shape('gpus', 'version', ['VBIOS', 'VBIOS'], 'nvidia-smi'),
  inforom: shape('gpus', 'version', ['InfoROM', 'InfoROM'], 'its image, nvidia-smi -q -x'),
  persistence: shape('gpus', 'text', ['Persistence mode', 'persistence mode'], 'nvidia-smi'),
  ecc: shape('gpus', 'text', ['ECC', 'ECC'], 'nvidia-smi'),
  migMode: shape('gpus', 'text', ['MIG mode', 'MIG mode'], 'nvidia-smi'),
  migLayout: shape('gpus', 'text', ['MIG layout', 'MIG layout'], 'profiles of the MIG devices, nvidia-smi'),
  computeMode: shape('gpus', 'text', ['Compute mode', 'compute mode'], 'nvidia-smi'),
  powerLimit: shape('gpus', 'version', ['Power limit', 'power limit'], 'nvidia-smi'),
  applicationClocks: shape(
    'gpus',
    'text',
    ['Application clocks', 'application clocks'],
    'graphics and memory, nvidia-smi -q -x',
  ),
  kernel: shape('system', 'version', ['Kernel', 'kernel'], 'running kernel, /proc/sys/kernel/osrelease'),
  os: shape('system', 'text', ['Operating system', 'operating system'], '/etc/os-release'),
  nouveau: shape('system', 'text', ['nouveau', 'nouveau'], 'whether the module is loaded, /proc/modules'),
  agent: shape('system', 'version', ['Agent', 'agent'], 'the agent itself'),
} as const satisfies Readonly<Record<string, FacetShape>>;

export type FacetName = keyof typeof facetShapes;
export const facetNames = Object.keys(facetShapes) as readonly FacetName[];

export const sectionTitles: Readonly<Record<FacetSection, string>> = {
  driver: 'Driver',
  containers: 'Containers',
  gpus: 'GPUs and their settings',
  system: 'System',
};

/** Where a baseline comes from; an inferred one is only shown, and never pages anyone. */
export type BaselineKind = 'declared' | 'accepted' | 'inferred';

/** A facet of one host that became another value. Null: it was, or is, not on the host. */
export interface FacetChange {
  /** When the hub first saw it, hub clock, ISO 8601. */
  readonly at: string;
  readonly hostId: string;
  readonly facet: FacetName;
  readonly from: string | null;
  readonly to: string | null;
}

/** A host whose facet is not what its group's baseline says. */
export interface DriftFinding {
  readonly hostId: string;
  readonly hostname: string;
  readonly group: string;
  readonly facet: FacetName;
  readonly expected: string;
  readonly actual: string;
  /** What it was before, as far as the hub saw it change. */
  readonly previous: string | null;
  /** When the hub first saw this value on this host, hub clock, ISO 8601. */
  readonly since: string;
  readonly baseline: BaselineKind;
}

/** The same with what is only worked out when somebody asks. */
export interface ExplainedDrift extends DriftFinding {
  /** Hosts of the group that are as the baseline says. */
  readonly peers: number;
  /** What to do, in order. */
  readonly fix: readonly string[];
}

/** What is wrong with a host's software whatever its group's baseline says. */
export const stackIssueKinds = [
  'pending-mismatch',
  'library-mismatch',
  'stale-cdi',
  'fabric-manager',
  'vulnerable-driver',
  'vulnerable-toolkit',
  'branch-ended',
  'branch-ending',
] as const;
export type StackIssueKind = (typeof stackIssueKinds)[number];

export interface StackIssue {
  readonly hostId: string;
  readonly hostname: string;
  readonly group: string;
  readonly kind: StackIssueKind;
  readonly severity: 'critical' | 'warning' | 'info';
  /** The facet that it is about. */
  readonly facet: FacetName;
  /** Since when that facet is so, hub clock, ISO 8601; null: not known. */
  readonly since: string | null;
  /** One sentence each: what is so, and why it matters. */
  readonly what: string;
  readonly why: string;
  readonly fix: readonly string[];
  /** `CVE-2026-24260` …; empty where it is about none. */
  readonly cves: readonly string[];
  /** The version that puts it right; null where none does, or it is about none. */
  readonly closedBy: string | null;
}

/** The same issue on several hosts. */
export interface StackIssueGroup extends Omit<StackIssue, 'hostId' | 'hostname' | 'group' | 'since'> {
  /** By hostname. */
  readonly hosts: readonly {
    readonly id: string;
    readonly hostname: string;
    readonly group: string;
    readonly since: string | null;
  }[];
}
