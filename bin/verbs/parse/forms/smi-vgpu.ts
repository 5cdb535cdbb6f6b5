import { isVgpuText, parseSmiVgpu } from '../../../../lib/nvidia-smi/index.ts';
import type { Form } from '../form.ts';
import { namedGpus } from '../gpus.ts';

export const smiVgpu: Form = {
  kind: 'smi-vgpu',
  matches: isVgpuText,
  read(text) {
    const { gpus, ...told } = parseSmiVgpu(text);
    return {
      ...told,
      ...namedGpus(
        gpus.map(({ index, pciBusId, name }, position) => ({ index: index ?? position, pciBusId, name })),
      ),
      vgpuTypes: gpus.map(({ types }) => types),
      vgpus: gpus.flatMap(({ pciBusId, vgpus }) => vgpus.map((vgpu) => ({ gpuPciBusId: pciBusId, ...vgpu }))),
    };
  },
};
