/** What one container uses of one GPU. Never a copy of the whole GPU's number. */
export interface ContainerGpuUse {
  readonly gpuUuid: string;
  readonly gpuInstanceId: number | null;
  readonly computeInstanceId: number | null;
  /** Sum over its processes; null when the driver tells it for none of them. */
  readonly usedMemoryBytes: number | null;
  /** Sum of its processes' SM share; null when the driver does not tell. */
  readonly smRatio: number | null;
  readonly pids: readonly number[];
}

export interface Container {
  /** 64 hex digits. */
  readonly id: string;
  /** null: no engine could be asked; `nameProblem` of the report's sources says why. */
  readonly name: string | null;
  readonly image: string | null;
  readonly imageId: string | null;
  readonly runtime: string;
  readonly state: string | null;
  readonly startedAt: string | null;
  readonly labels: Readonly<Record<string, string>>;
  /** `CUDA_VERSION` of its environment, set by NVIDIA's images. */
  readonly cudaVersion: string | null;
  /** `NVIDIA_VISIBLE_DEVICES` and `NVIDIA_REQUIRE_CUDA`, as set; null when not set or not readable. */
  readonly visibleDevices: string | null;
  readonly requireCuda: string | null;
  /** From labels or cgroup, Kubernetes only. */
  readonly namespace: string | null;
  readonly pod: string | null;
  readonly gpus: readonly ContainerGpuUse[];
}
