import type { Gpu } from '../../../lib/model/index.ts';
import { emptyGpu, type SmiDocument, type SmiGpu } from '../../../lib/nvidia-smi/index.ts';
import type { ParsedFile } from './form.ts';

/** GPUs of a document with their states, and their processes as one list. */
export function ofDocument(
  gpus: readonly SmiGpu[],
  failure: SmiDocument['failure'],
): Pick<ParsedFile, 'gpus' | 'gpuStates' | 'extra' | 'processes' | 'failure'> {
  return {
    gpus: gpus.map(({ gpu }) => gpu),
    gpuStates: gpus.map((gpu) => ({ state: gpu.state, failure: gpu.failure })),
    extra: gpus.map(({ extra }) => extra),
    processes: gpus.flatMap(({ gpu }) =>
      gpu.processes.map((process) => ({ gpuUuid: gpu.uuid, gpuIndex: gpu.index, ...process })),
    ),
    failure: failure ?? gpus.find((gpu) => gpu.failure !== null)?.failure ?? null,
  };
}

/** GPUs that a form only names, each with what it tells of it. */
export function namedGpus(told: readonly Partial<Gpu>[]): Pick<ParsedFile, 'gpus' | 'gpuStates' | 'extra'> {
  return {
    gpus: told.map((gpu) => ({ ...emptyGpu(), ...gpu })),
    gpuStates: told.map(() => ({ state: null, failure: null })),
    extra: told.map(() => ({})),
  };
}
