import { emptyGpu, isQueryGpuHead, mergeGpu, parseQueryGpu } from '../../../../lib/nvidia-smi/index.ts';
import { type Form, linesOf } from '../form.ts';

/** Without a head: cells in brackets or a GPU's uuid, and nothing but commas between the cells. */
const headless =
  /^(?:[^,\n]{0,200},\s*)*(?:\[(?:N\/A|Not Supported|Unknown Error|GPU is lost)\]|GPU-[0-9a-f-]{36})\s*,/;

const placeForIndex = {
  field: 'csv:index',
  text: '',
  message: 'neither uuid nor index was asked for: the index of each GPU is only its place among the rows',
};

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
    const areNamed = gpus.every(({ uuid, index }) => uuid !== null || index !== null);
    return {
      driverVersion,
      // Something must name each: without uuid and index, its place among the rows.
      gpus: gpus.map(({ gpu }, index) => mergeGpu({ ...emptyGpu(), index: areNamed ? null : index }, gpu)),
      gpuStates: gpus.map((row) => ({ state: row.state, failure: row.failure })),
      extra: gpus.map(({ extra }) => extra),
      timestamps: gpus.map(({ timestamp }) => timestamp),
      problems: areNamed ? problems : [...problems, placeForIndex],
      failure: failure ?? gpus.find((row) => row.failure !== null)?.failure ?? null,
    };
  },
};
