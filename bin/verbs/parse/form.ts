import type { Failure, Gpu, GpuProcess, GpuState, Problem } from '../../../lib/model/index.ts';
import type { SmiExtra } from '../../../lib/nvidia-smi/index.ts';

/** What a text can be found to be; part of the public contract. Each but `unknown` has a form. */
export type Kind =
  | 'smi-xml'
  | 'smi-text'
  | 'smi-query-gpu'
  | 'smi-query-apps'
  | 'smi-list'
  | 'smi-pmon'
  | 'smi-dmon'
  | 'smi-topo'
  | 'smi-nvlink'
  | 'smi-mig'
  | 'smi-vgpu'
  | 'smi-table'
  | 'smi-version'
  | 'smi-help'
  | 'smi-failure'
  | 'ctk-version'
  | 'container-cli'
  | 'driver-version'
  | 'cdi-spec'
  | 'cgroup'
  | 'mountinfo'
  | 'ps'
  | 'xid-log'
  | 'docker-inspect'
  | 'docker-info'
  | 'docker-version'
  | 'docker-daemon-config'
  | 'tegrastats'
  | 'unknown';

/** A process with the GPU that it was printed for. */
export interface ParsedProcess extends GpuProcess {
  readonly gpuUuid: string | null;
  readonly gpuIndex: number | null;
}

/** What every file gives; a form adds keys of its own. */
export interface ParsedFile {
  readonly kind: Kind;
  readonly driverVersion: string | null;
  readonly cudaVersion: string | null;
  readonly gpus: readonly Gpu[];
  /** State of each of `gpus`, in their order; null where the output only names them. */
  readonly gpuStates: readonly { readonly state: GpuState | null; readonly failure: Failure | null }[];
  /** What was printed for each of `gpus` and has no place in them, in their order. */
  readonly extra: readonly SmiExtra[];
  readonly processes: readonly ParsedProcess[];
  readonly problems: readonly Problem[];
  /** Of the whole output, else of the first GPU that has one. */
  readonly failure: Failure | null;
  readonly [key: string]: unknown;
}

export interface Form {
  readonly kind: Kind;
  /** Whether the text is of this form: by its content alone, cheaply. */
  matches(text: string): boolean;
  /** What differs from a file that tells nothing. Never throws. */
  read(text: string): Readonly<Record<string, unknown>> & Partial<ParsedFile>;
}

export function emptyFile(kind: Kind): ParsedFile {
  return {
    kind,
    driverVersion: null,
    cudaVersion: null,
    gpus: [],
    gpuStates: [],
    extra: [],
    processes: [],
    problems: [],
    failure: null,
  };
}

/** The lines that are not blank; one empty line when there is none. */
export function linesOf(text: string): string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.length === 0 ? [''] : lines;
}

/** The first line that is not blank. */
export function firstLine(text: string): string {
  return linesOf(text.slice(0, 131_072))[0]?.trim() ?? '';
}
