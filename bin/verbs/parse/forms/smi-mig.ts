import { isMigText, parseSmiMig } from '../../../../lib/nvidia-smi/index.ts';
import type { Form } from '../form.ts';
import { namedGpus } from '../gpus.ts';

export const smiMig: Form = {
  kind: 'smi-mig',
  matches: isMigText,
  read(text) {
    const told = parseSmiMig(text);
    const indexes = new Set(
      [...told.instances, ...told.profiles, ...told.placements].map(({ gpuIndex }) => gpuIndex),
    );
    return { ...told, ...namedGpus([...indexes].map((index) => ({ index }))) };
  },
};
