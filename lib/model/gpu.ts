import type { Failure } from './failure.ts';
import type { GpuAccounting } from './owner.ts';

export interface GpuUtilization {
  readonly gpuRatio: number | null;
  readonly memoryRatio: number | null;
  readonly encoderRatio: number | null;
  readonly decoderRatio: number | null;
  readonly jpegRatio: number | null;
  readonly ofaRatio: number | null;
}

export interface MemoryUse {
  readonly totalBytes: number | null;
  readonly usedBytes: number | null;
  readonly freeBytes: number | null;
}

export interface GpuMemory extends MemoryUse {
  readonly reservedBytes: number | null;
}

export interface GpuTemperature {
  readonly gpuCelsius: number | null;
  readonly memoryCelsius: number | null;
  readonly slowdownCelsius: number | null;
  readonly shutdownCelsius: number | null;
  readonly targetCelsius: number | null;
}

export interface GpuPower {
  readonly drawWatts: number | null;
  readonly averageWatts: number | null;
  readonly instantWatts: number | null;
  readonly limitWatts: number | null;
  readonly defaultLimitWatts: number | null;
  readonly minLimitWatts: number | null;
  readonly maxLimitWatts: number | null;
}

export interface GpuClocks {
  readonly graphicsHertz: number | null;
  readonly smHertz: number | null;
  readonly memoryHertz: number | null;
  readonly videoHertz: number | null;
  readonly maxGraphicsHertz: number | null;
  readonly maxSmHertz: number | null;
  readonly maxMemoryHertz: number | null;
}

export interface GpuPcie {
  readonly generation: number | null;
  readonly maxGeneration: number | null;
  readonly width: number | null;
  readonly maxWidth: number | null;
  readonly txBytesPerSecond: number | null;
  readonly rxBytesPerSecond: number | null;
  readonly replays: number | null;
}

export interface EccCounts {
  readonly correctable: number | null;
  readonly uncorrectable: number | null;
}

export interface GpuEcc {
  readonly volatile: EccCounts;
  readonly aggregate: EccCounts;
}

export interface RemappedRows extends EccCounts {
  readonly pending: boolean | null;
  readonly failure: boolean | null;
}

export interface RetiredPages {
  readonly singleBit: number | null;
  readonly doubleBit: number | null;
  readonly pending: boolean | null;
}

/** Of both causes together; null when neither is told. */
export const retiredPagesOf = ({ singleBit, doubleBit }: RetiredPages): number | null =>
  singleBit === null && doubleBit === null ? null : (singleBit ?? 0) + (doubleBit ?? 0);

export interface MigDevice {
  readonly index: number;
  readonly gpuInstanceId: number | null;
  readonly computeInstanceId: number | null;
  /** `MIG-…`; only `nvidia-smi -L` prints it. */
  readonly uuid: string | null;
  /** Such as `1g.10gb`. */
  readonly profile: string | null;
  readonly memory: MemoryUse;
}

export interface GpuProcess {
  readonly pid: number;
  /** `C` compute, `G` graphics, `C+G`, `M+C` an MPS client. */
  readonly type: string | null;
  readonly name: string | null;
  readonly usedMemoryBytes: number | null;
  readonly smRatio: number | null;
  readonly gpuInstanceId: number | null;
  readonly computeInstanceId: number | null;
}

/**
 * One GPU as nvidia-smi tells it, in base units; null is "the tool said that it is not available".
 * Shape and names are the public contract: they appear unchanged in the API, on the wire and in `parse --json`.
 */
export interface Gpu {
  readonly uuid: string | null;
  readonly index: number | null;
  readonly name: string | null;
  readonly brand: string | null;
  readonly architecture: string | null;
  /** Such as `9.0`. */
  readonly computeCapability: string | null;
  /** As printed: `00000000:1B:00.0`. */
  readonly pciBusId: string | null;
  readonly serial: string | null;
  readonly vbiosVersion: string | null;
  readonly minorNumber: number | null;
  /** `P0` … `P15`. */
  readonly performanceState: string | null;
  readonly persistenceMode: boolean | null;
  /** `Default`, `Exclusive_Process`, `Prohibited`. */
  readonly computeMode: string | null;
  readonly migMode: { readonly current: boolean | null; readonly pending: boolean | null } | null;
  readonly eccMode: { readonly current: boolean | null; readonly pending: boolean | null } | null;
  readonly addressingMode: string | null;
  readonly virtualizationMode: string | null;
  readonly utilization: GpuUtilization;
  readonly memory: GpuMemory;
  readonly bar1: MemoryUse;
  readonly temperature: GpuTemperature;
  readonly power: GpuPower;
  readonly clocks: GpuClocks;
  readonly fanRatio: number | null;
  /** Active reasons in nvidia-smi's own words without prefix: `sw_power_cap`, `hw_thermal_slowdown`; null when not told. */
  readonly throttleReasons: readonly string[] | null;
  readonly pcie: GpuPcie;
  readonly ecc: GpuEcc;
  readonly remappedRows: RemappedRows;
  readonly retiredPages: RetiredPages;
  /** `None`, `Reset`, `Reboot`, `Drain P2P`, `Drain and Reset`. */
  readonly recoveryAction: string | null;
  readonly fabric: { readonly state: string | null; readonly status: string | null };
  /** Integrated by the agent from power since it started, gaps left out; nvidia-smi never prints it. */
  readonly energyJoules: number | null;
  readonly migDevices: readonly MigDevice[];
  readonly processes: readonly GpuProcess[];
}

/** What happened to one GPU: `failed` means nvidia-smi named it and gave no values. */
export type GpuState = 'ok' | 'lost' | 'failed';

/** Who a process belongs to, as far as the host tells. */
export interface ProcessOwner {
  readonly runtime:
    | 'docker'
    | 'podman'
    | 'containerd'
    | 'crio'
    | 'kubernetes'
    | 'slurm'
    | 'lxc'
    | 'systemd'
    | 'user'
    | 'unknown'
    | null;
  readonly containerId: string | null;
  readonly podUid: string | null;
  readonly slurmJobId: string | null;
  readonly unit: string | null;
}

export interface OwnedProcess extends GpuProcess {
  /** null: the process could not be looked up (ended, or not permitted). */
  readonly owner: ProcessOwner | null;
  /** Id of its container, or `key` of its Owner; null when neither is reported. This and all below: older agents leave them out. */
  readonly ownerKey?: string | null | undefined;
  /** As pmon prints them, 0 to 1; null when not told. */
  readonly memoryRatio?: number | null | undefined;
  readonly encoderRatio?: number | null | undefined;
  readonly decoderRatio?: number | null | undefined;
  readonly uid?: number | null | undefined;
  /** The uid's name on the host; null when the host has none for it. */
  readonly userName?: string | null | undefined;
  /** Its command line, secrets masked, cut; null when not readable or not wanted. */
  readonly command?: string | null | undefined;
}

/** A field of `--query-gpu` that the driver has and gpufleet has no place for, as printed, with its unit. */
export interface NewField {
  readonly name: string;
  readonly value: string;
}

/** A GPU inside a report: the contract's GPU with who uses it and when it was sampled. */
export interface ReportedGpu extends Omit<Gpu, 'processes'> {
  readonly processes: readonly OwnedProcess[];
  readonly state: GpuState;
  readonly failure: Failure | null;
  /** When the moving numbers were read, host clock, ISO 8601. */
  readonly sampledAt: string;
  /** When the slow document (processes, MIG, ECC) was read, host clock, ISO 8601; null when never. */
  readonly detailsSampledAt: string | null;
  /** Memory in use when the processes were read: their memory and the remainder add up to this, not to a newer number. */
  readonly detailsMemoryUsedBytes: number | null;
  /** How memory and SM time divide over owners. Older agents leave it out. */
  readonly accounting?: GpuAccounting | undefined;
  /** Only of drivers that are newer than gpufleet. Older agents leave it out. */
  readonly newFields?: readonly NewField[] | undefined;
}
