import type { CdiSpec, DockerDaemonConfig, DockerInfo, DriverVersion } from '../host-facts/index.ts';
import type { Failure, PciGpu, ReportedGpu } from '../model/index.ts';

/** What one read told. `absent`: it is not on this host, and that is an answer; `unknown`: it could not be asked. */
export type Fact<T> =
  | { readonly state: 'known'; readonly value: T; readonly from: string }
  | { readonly state: 'absent'; readonly from: string }
  | { readonly state: 'unknown'; readonly from: string; readonly why: string };

export type SmiGpuFacts = Pick<
  ReportedGpu,
  'uuid' | 'index' | 'name' | 'pciBusId' | 'minorNumber' | 'persistenceMode' | 'fabric' | 'state'
> & { readonly migUuids: readonly string[] };

/** What nvidia-smi says: its GPUs, or why it has none. */
export interface SmiFacts {
  readonly failure: Failure | null;
  readonly driverVersion: string | null;
  readonly gpus: readonly SmiGpuFacts[];
}

export interface CdiFile {
  readonly path: string;
  readonly spec: CdiSpec;
}

export type ServiceState = 'active' | 'inactive' | 'failed' | 'activating' | 'unknown';

/** Everything that the checks judge; read by agents/doctor, each within its own deadline. */
export interface StackFacts {
  /** The loaded kernel module. */
  readonly module: Fact<DriverVersion>;
  /** Names of all loaded kernel modules. */
  readonly loadedModules: Fact<readonly string[]>;
  /** The module that lies on disk for the running kernel. */
  readonly moduleOnDisk: Fact<string>;
  /** Version of libnvidia-ml, which nvidia-smi and every CUDA program load. */
  readonly library: Fact<string>;
  readonly smi: Fact<SmiFacts>;
  /** NVIDIA GPUs on the PCI bus. */
  readonly pci: Fact<readonly PciGpu[]>;
  /** PCI addresses of the NVSwitches that the driver holds. */
  readonly nvSwitches: Fact<readonly string[]>;
  /** Device nodes, by path; `known`: it can be opened. */
  readonly nodes: ReadonlyMap<string, Fact<null>>;
  readonly dockerInfo: Fact<DockerInfo>;
  readonly daemonConfig: Fact<DockerDaemonConfig>;
  readonly toolkitVersion: Fact<string>;
  readonly cdiFiles: Fact<readonly CdiFile[]>;
  readonly fabricManagerVersion: Fact<string>;
  readonly services: Fact<ReadonlyMap<string, ServiceState>>;
  readonly secureBoot: Fact<boolean>;
  readonly kernelVersion: Fact<string>;
  /** Lines of the kernel log that name NVIDIA, nouveau or module signatures. */
  readonly kernelLog: Fact<readonly string[]>;
  /** Whether the reader may read other processes' cgroups, as it needs to name containers. */
  readonly cgroups: Fact<null>;
  readonly userId: Fact<number>;
}

export const nvidiaControlNode = '/dev/nvidiactl';
export const nvidiaMemoryNode = '/dev/nvidia-uvm';
export const persistenceService = 'nvidia-persistenced.service';
export const fabricService = 'nvidia-fabricmanager.service';

/** Whether there is anything of NVIDIA here to be judged: a GPU on the bus, or nvidia-smi that answers. */
export function hasGpu({ pci, smi }: Pick<StackFacts, 'pci' | 'smi'>): boolean | null {
  if (smi.state === 'known' && smi.value.gpus.length > 0) return true;
  if (pci.state === 'known') return pci.value.length > 0;
  return null;
}

/** The version that decides: of the loaded module. Null: none is loaded, or it is not known. */
export const loadedVersion = ({ module }: Pick<StackFacts, 'module'>): string | null =>
  module.state === 'known' ? module.value.version : null;
