import type {
  CompatHostView,
  CompatImage,
  CompatLayer,
  CompatWay,
  Injection,
  Verdict,
  VerdictKind,
} from './compat.ts';
import type { ContainerExit } from './container-cuda.ts';

/** A verdict in short, for a container's row. */
export interface ContainerCompat {
  readonly verdict: VerdictKind;
  readonly way: CompatWay | null;
  /** Which layer stops or limits it; null where none does. */
  readonly layer: CompatLayer | null;
  /** One sentence: why. */
  readonly text: string;
  /** The words that the user sees, where some are known. */
  readonly errorText: string | null;
  /** What would help, in sentences. */
  readonly fixes: readonly string[];
  /** What is not known, in sentences. */
  readonly missing: readonly string[];
  /** True: it should not run, and has processes on a GPU all the same. */
  readonly isContradicted: boolean;
}

/** A container with its verdict, running or failed. */
export interface JudgedContainer {
  readonly id: string;
  readonly name: string | null;
  readonly image: string | null;
  readonly hostId: string;
  readonly hostname: string;
  readonly group: string;
  /** Null: it runs. */
  readonly exit: ContainerExit | null;
  readonly compat: ContainerCompat;
}

/** How an image stands in one group of hosts. */
export interface CompatCell {
  readonly group: string;
  /** Hosts of the group by verdict; those that do not report are in none. */
  readonly hostsByVerdict: Readonly<Record<VerdictKind, number>>;
  /** The verdict of most of its hosts; null: none reports. */
  readonly verdict: VerdictKind | null;
  readonly way: CompatWay | null;
  /** Its containers there now. */
  readonly containers: number;
}

/** An image that a host of the fleet has in use. */
export interface CompatImageRow {
  /** What POST /api/v1/compat/check takes as `image`. */
  readonly reference: string;
  readonly imageId: string | null;
  /** CUDA that it brings, and from where that is known; null: nothing tells it. */
  readonly cuda: string | null;
  readonly cudaFrom: string | null;
  /** Its NVIDIA_REQUIRE_*, as set. */
  readonly requirements: readonly { readonly name: string; readonly value: string }[];
  readonly running: number;
  readonly failed: number;
  /** In the order of `groups`. */
  readonly cells: readonly CompatCell[];
}

export interface CompatGroup {
  readonly group: string;
  readonly hosts: number;
  readonly silentHosts: number;
  /** Driver versions of its hosts, the most frequent first. */
  readonly drivers: readonly { readonly version: string; readonly hosts: number }[];
  readonly toolkits: readonly { readonly version: string; readonly hosts: number }[];
  /** Names of its GPUs. */
  readonly gpus: readonly string[];
  /** How its containers get their GPUs, where that is known. */
  readonly injections: readonly Injection[];
}

/** Answer of GET /api/v1/compat. */
export interface CompatView {
  readonly serverTime: string;
  /** Date of the tables behind the verdicts. */
  readonly dataAsOf: string;
  readonly groups: readonly CompatGroup[];
  readonly images: readonly CompatImageRow[];
  /** What runs and what failed, the worst verdict first. */
  readonly containers: readonly JudgedContainer[];
}

/** Everything of one container's verdict, with hosts where it would run now. */
export interface ContainerVerdict {
  readonly container: JudgedContainer;
  readonly image: CompatImage | null;
  readonly verdict: Verdict;
  /** Where it would run and GPUs are free, at most ten; empty while it runs where it is. */
  readonly elsewhere: readonly CompatHostView[];
}
