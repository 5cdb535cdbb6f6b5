import { isNvlinkText, parseSmiNvlink } from '../../../../lib/nvidia-smi/index.ts';
import type { Form } from '../form.ts';
import { namedGpus } from '../gpus.ts';

export const smiNvlink: Form = {
  kind: 'smi-nvlink',
  matches: isNvlinkText,
  read(text) {
    const { gpus, problems, failure } = parseSmiNvlink(text);
    return {
      ...namedGpus(gpus.map(({ index, name, uuid }) => ({ index, name, uuid }))),
      nvlinks: gpus.flatMap(({ index, links }) => links.map((link) => ({ gpuIndex: index, ...link }))),
      /** Why a GPU lists no links, by its place among the GPUs. */
      unavailable: gpus.map(({ unavailable }) => unavailable),
      problems,
      failure,
    };
  },
};
