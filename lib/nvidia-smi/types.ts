import type {
  EccCounts,
  Failure,
  Gpu,
  GpuClocks,
  GpuMemory,
  GpuPcie,
  GpuPower,
  GpuProcess,
  GpuState,
  GpuTemperature,
  GpuUtilization,
  MemoryUse,
  Problem,
  RemappedRows,
  RetiredPages,
} from '../model/index.ts';

/** Values that nvidia-smi printed and that the model has no place for, in base units, unit last in the name. */
export type SmiExtra = Readonly<Record<string, number | string | boolean>>;

/** One GPU of an XML document. When `state` is not `ok`, only what names the GPU is kept; readings are null. */
export interface SmiGpu {
  readonly gpu: Gpu;
  readonly state: GpuState;
  readonly failure: Failure | null;
  readonly extra: SmiExtra;
}

/** What `nvidia-smi -q -x` printed. */
export interface SmiDocument {
  readonly driverVersion: string | null;
  /** `KMD Version`, from R610 on; null before. */
  readonly kernelDriverVersion: string | null;
  /** `CUDA Version`, or `CUDA UMD Version` from R610 on. */
  readonly cudaVersion: string | null;
  /** As printed, in the host's local time. */
  readonly timestamp: string | null;
  readonly attachedGpus: number | null;
  /** In document order: nvidia-smi's own, by PCI bus id. */
  readonly gpus: readonly SmiGpu[];
  readonly problems: readonly Problem[];
  /** Whole document: no XML at all, or `truncated` (the complete GPUs are still in `gpus`). */
  readonly failure: Failure | null;
}

/** The fields that a row of a query told, in base units; a key that is absent was not asked for. */
export interface GpuPatch
  extends Partial<
    Omit<
      Gpu,
      | 'utilization'
      | 'memory'
      | 'bar1'
      | 'temperature'
      | 'power'
      | 'clocks'
      | 'pcie'
      | 'ecc'
      | 'remappedRows'
      | 'retiredPages'
      | 'fabric'
      | 'migMode'
      | 'eccMode'
    >
  > {
  readonly utilization?: Partial<GpuUtilization>;
  readonly memory?: Partial<GpuMemory>;
  readonly bar1?: Partial<MemoryUse>;
  readonly temperature?: Partial<GpuTemperature>;
  readonly power?: Partial<GpuPower>;
  readonly clocks?: Partial<GpuClocks>;
  readonly pcie?: Partial<GpuPcie>;
  readonly ecc?: { readonly volatile?: Partial<EccCounts>; readonly aggregate?: Partial<EccCounts> };
  readonly remappedRows?: Partial<RemappedRows>;
  readonly retiredPages?: Partial<RetiredPages>;
  readonly fabric?: Partial<Gpu['fabric']>;
  readonly migMode?: Partial<NonNullable<Gpu['migMode']>> | null;
  readonly eccMode?: Partial<NonNullable<Gpu['eccMode']>> | null;
}

/** One line of `--query-gpu`: one GPU at one moment. */
export interface QueryGpuRow {
  readonly uuid: string | null;
  readonly index: number | null;
  /** As printed, in the host's local time: `2026/11/23 10:00:00.000`. */
  readonly timestamp: string | null;
  readonly driverVersion: string | null;
  readonly gpu: GpuPatch;
  readonly state: GpuState;
  readonly failure: Failure | null;
  readonly extra: SmiExtra;
}

/** A whole answer of `--query-gpu=… --format=csv`. */
export interface QueryGpuDocument {
  readonly driverVersion: string | null;
  readonly gpus: readonly QueryGpuRow[];
  readonly problems: readonly Problem[];
  readonly failure: Failure | null;
}

/** Reads `--query-gpu=… --format=csv -lms N` line by line. */
export interface QueryGpuReader {
  /** A row, or null for the header, an empty line, and text that is no row (then `problems` or `failure` tells). */
  push(line: string): QueryGpuRow | null;
  /** What was not understood since the start; each distinct problem once, at most 100. */
  readonly problems: readonly Problem[];
  /** The last failure text seen in the stream; null again after a good row. */
  readonly failure: Failure | null;
}

export interface SmiListMigDevice {
  /** `Device N` of the line; null when not printed. */
  readonly index: number | null;
  /** `1g.10gb` */
  readonly profile: string | null;
  /** `MIG-<uuid>`, or `MIG-GPU-<uuid>/<gi>/<ci>` up to R460. */
  readonly uuid: string;
  /** Told only by the old uuid form. */
  readonly gpuInstanceId: number | null;
  readonly computeInstanceId: number | null;
}

export interface SmiListGpu {
  readonly index: number;
  readonly name: string | null;
  readonly uuid: string | null;
  readonly migDevices: readonly SmiListMigDevice[];
}

/** What `nvidia-smi -L` printed. */
export interface SmiList {
  readonly gpus: readonly SmiListGpu[];
  readonly problems: readonly Problem[];
  readonly failure: Failure | null;
}

export interface QueryAppsRow {
  readonly gpuUuid: string | null;
  readonly gpuPciBusId: string | null;
  readonly process: GpuProcess;
  readonly timestamp: string | null;
}

/** What `--query-compute-apps` or `--query-accounted-apps` printed. */
export interface QueryAppsDocument {
  readonly processes: readonly QueryAppsRow[];
  readonly problems: readonly Problem[];
  readonly failure: Failure | null;
}

/** What `nvidia-smi --version` printed. */
export interface SmiVersion {
  readonly smiVersion: string | null;
  readonly nvmlVersion: string | null;
  /** `DRIVER version`, or `KMD version` from R610 on. */
  readonly driverVersion: string | null;
  /** Only from R610 on. */
  readonly kernelDriverVersion: string | null;
  readonly cudaVersion: string | null;
  readonly problems: readonly Problem[];
  readonly failure: Failure | null;
}
