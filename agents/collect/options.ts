import type { RawReading, Report } from '../../lib/model/index.ts';
import type { Clock } from './clock.ts';
import type { GpuSoftware } from './gpus/software.ts';
import type { CollectedLabels } from './labels/index.ts';
import type { NodeLabelOptions } from './labels/kubernetes.ts';
import type { Pauses } from './pauses/index.ts';

/** Which labels this host has; where they are not told, none are read. */
export interface LabelOptions {
  /** From `--label`. */
  readonly own: Readonly<Record<string, string>>;
  readonly path: string;
  readonly hostname: string;
  /** Null: not in Kubernetes. */
  readonly kubernetes?: NodeLabelOptions | null;
}

/** The label of a container or pod that names its person. */
export const defaultOwnerLabel = 'gpufleet.owner';

/** Sockets that tell names of containers and what the kubelet gave; null is not asked. */
export interface EnginePaths {
  readonly podman: string | null;
  readonly containerd: string | null;
  readonly crio: string | null;
  /** Of the kubelet's pod-resources API. */
  readonly kubelet: string | null;
}

export const usualEnginePaths: EnginePaths = {
  podman: '/run/podman/podman.sock',
  containerd: '/run/containerd/containerd.sock',
  crio: '/run/crio/crio.sock',
  kubelet: '/var/lib/kubelet/pod-resources/kubelet.sock',
};

export interface CollectorOptions {
  readonly intervalSeconds: number;
  /** Given by the user; null looks for it on PATH and where drivers and clouds put it. */
  readonly nvidiaSmiPath?: string | null;
  /** Of the Docker Engine API; null asks nobody. `/var/run/docker.sock` unless told. */
  readonly dockerSocketPath?: string | null;
  /** `usualEnginePaths` unless told. */
  readonly enginePaths?: EnginePaths;
  /** False: arguments of processes and containers are not read. */
  readonly commandLines?: boolean;
  /** False: names of users and pods are not looked up. */
  readonly people?: boolean;
  /** False: variables of containers are not kept, so neither CUDA version nor requirement of their images is known. */
  readonly environment?: boolean;
  /** The label of a container or pod that names its person; `gpufleet.owner` unless told. */
  readonly ownerLabel?: string;
  /** False forks nvidia-smi for each sample, so that between two nothing holds the GPU open. */
  readonly hold?: boolean;
  /** True reads GPUs that sleep too, and so wakes them. */
  readonly wake?: boolean;
  /** Between two full documents (processes, MIG, ECC); 30 unless told, 20 while the interval is 2 s or less. */
  readonly documentIntervalSeconds?: number;
  /** `auto` (unless told): /dev/kmsg, else the journal; the path of a log file; null: the kernel's log is not read. */
  readonly kernelLog?: string | null;
  readonly labels?: LabelOptions;
  readonly clock?: Clock;
}

export type Snapshot = Omit<Report, 'sequence' | 'ageSeconds'>;

/** `ended`: samples come no more, until one comes again. `paced`: from now on they are wanted at another interval. */
export type SampleEvent = 'sample' | 'ended' | 'paced';

/** Reads one host, again and again, and always has a true answer: what it does not know, or knows no more, is null. */
export interface Collector {
  /** Resolves when every source was asked once; each ask has a deadline. */
  start(): Promise<void>;
  snapshot(): Snapshot;
  /** Letting go of the GPUs. */
  readonly pauses: Pauses;
  /** Processes that it started and that not even SIGKILL ends. */
  stuckProcesses(): number;
  /** What the last good document told of the GPUs' firmware and settings; null until there was one. */
  gpuSoftware(): GpuSoftware | null;
  /** Of the loaded kernel module, as it was last read; null: none, or not read yet. */
  readonly kernelDriverVersion: string | null;
  /** Reads driver, toolkit and system again now: something else saw that they changed. */
  refreshStack(): void;
  /** The texts that the snapshot of this moment was read from, cut to what one push may hold. */
  raw(): Omit<RawReading, 'sequence'>;
  /** What this host says of itself. */
  readonly labels: CollectedLabels;
  readonly intervalSeconds: number;
  setIntervalSeconds(seconds: number): void;
  /** Called after each sample of the GPUs, and when their stream ended or its pace changed; returns the way to stop. */
  onSample(listener: (event: SampleEvent) => void): () => void;
  /** Ends what it started; at most 3 s. */
  stop(): Promise<void>;
}
