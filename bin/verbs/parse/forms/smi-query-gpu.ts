import { emptyGpu, isQueryGpuHead, mergeGpu, parseQueryGpu } from '../../../../lib/nvidia-smi/index.ts';
import { type Form, linesOf } from '../form.ts';

/** Without a head: one cell at least, and not the last, is a GPU's uuid or a word in brackets. */
const marked = /^(?:\[(?:N\/A|Not Supported|Unknown Error|GPU is lost)\]|GPU-[0-9a-f-]{36})$/;
const isHeadless = (line: string): boolean =>
  line
    .slice(0, 2000)
    .split(',')
    .slice(0, -1)
    .some((cell) => marked.test(cell.trim()));

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
    return isHeadless(first);
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
