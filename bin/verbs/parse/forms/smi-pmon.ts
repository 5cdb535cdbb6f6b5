import { isPmonHead, parseSmiPmon } from '../../../../lib/nvidia-smi/index.ts';
import type { Form } from '../form.ts';
import { namedGpus } from '../gpus.ts';

export const smiPmon: Form = {
  kind: 'smi-pmon',
  matches: isPmonHead,
  read(text) {
    const { gpuIndexes, processes, ...told } = parseSmiPmon(text);
    return {
      ...told,
      ...namedGpus(
        gpuIndexes.map((index) => ({
          index,
          processes: processes.flatMap(({ gpuIndex, ...process }) => (gpuIndex === index ? [process] : [])),
        })),
      ),
      processes: processes.map((process) => ({ gpuUuid: null, ...process })),
    };
  },
};
