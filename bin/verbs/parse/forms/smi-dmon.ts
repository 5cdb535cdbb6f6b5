import { emptyGpu, isDmonHead, mergeGpu, parseSmiDmon } from '../../../../lib/nvidia-smi/index.ts';
import type { Form } from '../form.ts';

export const smiDmon: Form = {
  kind: 'smi-dmon',
  matches: isDmonHead,
  read(text) {
    const { gpus, ...told } = parseSmiDmon(text);
    return {
      ...told,
      gpus: gpus.map(({ index, gpu }) => mergeGpu({ ...emptyGpu(), index }, gpu)),
      gpuStates: gpus.map(() => ({ state: 'ok' as const, failure: null })),
      extra: gpus.map(({ extra }) => extra),
    };
  },
};
