import type { CudaEvidence, Injection } from './compat.ts';

/** How the toolkit put GPUs into a container: whether NVIDIA_REQUIRE_* was checked depends on it. */
export interface ContainerInjection {
  /** Null: it got none from the toolkit, or it cannot be told. */
  readonly way: Injection | null;
  /** From what it was told, or why it cannot be. */
  readonly reason: string;
}

export interface ContainerRequirements {
  /** NVIDIA_REQUIRE_* as set, by variable, those of JetPack left out; the toolkit ANDs them. */
  readonly variables: Readonly<Record<string, string>>;
  /** NVIDIA_DISABLE_REQUIRE as set; null: not set. */
  readonly disableRequire: string | null;
  /** NVIDIA_DRIVER_CAPABILITIES as set; null: not set, which is `compute,utility`. */
  readonly driverCapabilities: string | null;
}

/** One thing that tells the CUDA version of a container. */
export interface FoundCuda {
  readonly kind: CudaEvidence;
  /** `12.4`, or `12` where only the major version can be told. */
  readonly version: string;
  /** Path, variable or file that says it. */
  readonly from: string;
}

/** cuda-compat: another user-space driver in the image, for an older kernel driver. */
export interface FoundCompat {
  /** Driver version of its libcuda; null: it is there, and its version cannot be told. */
  readonly driverVersion: string | null;
  readonly from: string;
  /** Whether a process of the container has mapped it; null: none was looked into. */
  readonly isMapped: boolean | null;
}

export interface ContainerCuda {
  /** Best first. Empty: nothing tells it. */
  readonly evidence: readonly FoundCuda[];
  readonly compat: FoundCompat | null;
  /** Whether its files were looked at, so that no `compat` means that there is none. */
  readonly isLookedInto: boolean;
  /** Why processes could not be looked into, in words; null when they were, or there is none. */
  readonly problem: string | null;
}

/** How a container ended that did not start, or ended badly within a minute. */
export interface ContainerExit {
  readonly exitCode: number | null;
  /** The runtime's own words; null: it kept none, and `reasonProblem` says why. */
  readonly error: string | null;
  readonly reasonProblem: string | null;
  readonly isOutOfMemory: boolean | null;
  /** Host clock, ISO 8601. */
  readonly at: string;
  /** How long it ran; null: it never started, or that cannot be told. */
  readonly ranSeconds: number | null;
  readonly didStart: boolean | null;
}

/** What a container says of CUDA; older agents leave all of it out. Null: nobody could be asked. */
export interface ContainerStackFacts {
  readonly injection?: ContainerInjection | null | undefined;
  readonly requirements?: ContainerRequirements | null | undefined;
  readonly cuda?: ContainerCuda | null | undefined;
}
