import { emptyGpu, isQueryGpuHead, mergeGpu, parseQueryGpu } from '../../../../lib/nvidia-smi/index.ts';
import { type Form, linesOf } from '../form.ts';

/** Without a head: cells in brackets or a GPU's uuid, and nothing but commas between the cells. */
const headless =
  /^(?:[^,\n]{0,200},\s*)*(?:\[(?:N\/A|Not Supported|Unknown Error|GPU is lost)\]|GPU-[0-9a-f-]{36})\s*,/;

export const smiQueryGpu: Form = {
  kind: 'smi-query-gpu',
  matches(text) {
    const [first = '', second = ''] = linesOf(text.slice(0, 131_072));
    // A list of names alone is what --help-query-gpu is made into.
    if (isQueryGpuHead(first)) return !isQueryGpuHead(second);
    return headless.test(first.slice(0, 2000));
  },
  read(text) {
    const { gpus, failure, problems, driverVersion } = parseQueryGpu(text);
    return {
      driverVersion,
      gpus: gpus.map(({ gpu }) => mergeGpu(emptyGpu(), gpu)),
      gpuStates: gpus.map((row) => ({ state: row.state, failure: row.failure })),
      extra: gpus.map(({ extra }) => extra),
      timestamps: gpus.map(({ timestamp }) => timestamp),
      problems,
      failure: failure ?? gpus.find((row) => row.failure !== null)?.failure ?? null,
    };
  },
};
