import { isTopoText, parseSmiTopo } from '../../../../lib/nvidia-smi/index.ts';
import type { Form } from '../form.ts';
import { namedGpus } from '../gpus.ts';

export const smiTopo: Form = {
  kind: 'smi-topo',
  matches: isTopoText,
  read(text) {
    const topology = parseSmiTopo(text);
    const indexes = topology.devices.flatMap(({ gpuIndex }) => gpuIndex ?? []);
    return { ...topology, ...namedGpus(indexes.map((index) => ({ index }))) };
  },
};
